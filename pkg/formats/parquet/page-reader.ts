import type { ColumnMetaData, PageHeader } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { damaged, decoding, readExactly, type ParquetPlace, type SizedFile } from "./place.ts";

/** Larger pages are taken for damage: writers aim at one megabyte. */
const MAX_PAGE_BYTES = 512 * 1024 * 1024;
const MIN_HEADER_BYTES = 64;

export interface RawPage {
  readonly header: PageHeader;
  readonly bytes: Uint8Array;
}

/** The pages of one column chunk, one after the other. Memory: one page, or `readAhead` bytes when that is more. */
export class PageReader {
  readonly #file: SizedFile;
  readonly #place: ParquetPlace;
  readonly #readAhead: number;
  #window = new Uint8Array(0);
  #at = 0;
  /** Position in the file behind the window, and behind the chunk. */
  #next: number;
  readonly #end: number;

  constructor(file: SizedFile, chunk: ColumnMetaData, place: ParquetPlace, readAhead: number) {
    this.#file = file;
    this.#place = place;
    this.#readAhead = readAhead;
    // A dictionary offset of 0 means none with some writers.
    const start = Number(chunk.dictionary_page_offset) || Number(chunk.data_page_offset);
    this.#next = start;
    this.#end = start + Number(chunk.total_compressed_size);
  }

  /** Undefined at the end of the chunk. */
  async next(): Promise<RawPage | undefined> {
    if (this.#held === 0 && this.#next >= this.#end) return undefined;
    const header = await this.#header();
    const length = header.compressed_page_size;
    const { uncompressed_page_size: full } = header;
    if (!(length >= 0) || !(full >= 0) || Math.max(length, full) > MAX_PAGE_BYTES)
      throw damaged(this.#place, `a page would have ${full} bytes`);
    await this.#need(length);
    if (this.#held < length) throw damaged(this.#place, "a page goes beyond its column chunk");
    const bytes = this.#window.subarray(this.#at, this.#at + length);
    this.#at += length;
    return { header, bytes };
  }

  get #held(): number {
    return this.#window.length - this.#at;
  }

  async #header(): Promise<PageHeader> {
    for (let wanted = MIN_HEADER_BYTES; ; wanted *= 4) {
      await this.#need(wanted);
      const view = new DataView(
        this.#window.buffer,
        this.#window.byteOffset + this.#at,
        this.#held,
      );
      const reader = { view, offset: 0 };
      const complete = this.#held < wanted;
      try {
        const header = decoding(this.#place, "a page header", () => parquetHeader(reader));
        this.#at += reader.offset;
        return header;
      } catch (error) {
        // Statistics make headers longer than was looked at.
        if (complete || wanted > MAX_PAGE_BYTES) throw error;
      }
    }
  }

  /** Makes at least so many bytes available, or all that are left of the chunk. */
  async #need(length: number): Promise<void> {
    const missing = length - this.#held;
    if (missing <= 0 || this.#next >= this.#end) return;
    const wanted = Math.min(this.#end - this.#next, Math.max(missing, this.#readAhead));
    const more = await readExactly(this.#file, this.#next, wanted, this.#place);
    this.#next += wanted;
    if (this.#held === 0) this.#window = more;
    else {
      const joined = new Uint8Array(this.#held + wanted);
      joined.set(this.#window.subarray(this.#at));
      joined.set(more, this.#held);
      this.#window = joined;
    }
    this.#at = 0;
  }
}
