import { growingBytes } from "#pkg/rowset";
import { LF, PADDING } from "./bytes.ts";
import type { Window } from "./cell.ts";
import type { ReadableFile } from "./types.ts";

export interface SourceOptions {
  readonly file: ReadableFile;
  /** First byte and the byte behind the last one; the end of the file when absent. */
  readonly from: number;
  readonly to?: number;
  readonly blockBytes: number;
}

/** The memory of the source that was released last: a thread reads file after file with windows of the same size. */
let spare: Uint8Array | undefined;

function takeMemory(bytes: number): Uint8Array {
  const taken = spare;
  spare = undefined;
  return taken?.length === bytes ? taken : new Uint8Array(bytes);
}

/** A window that slides over a file. Its memory is one block, more only while a single record is longer. */
export class ByteSource implements Window {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  final = false;
  readonly #file: ReadableFile;
  readonly #to: number;
  readonly #memory: Uint8Array;
  #position: number;

  constructor({ file, from, to, blockBytes }: SourceOptions) {
    this.#file = file;
    this.#position = from;
    this.#to = to ?? Number.POSITIVE_INFINITY;
    this.#memory = takeMemory(Math.min(blockBytes, this.#to - from) + PADDING);
    this.bytes = this.#memory;
  }

  /** Position in the file of a byte of the window. */
  positionOf(at: number): number {
    return this.#position - this.end + at;
  }

  /** Drops what has been consumed and adds more bytes behind the rest; at least one unless the window becomes final. */
  async fill(): Promise<void> {
    const rest = this.end - this.start;
    this.#makeRoom(rest);
    this.start = 0;
    this.end = rest;
    const wanted = Math.min(this.#portion(rest), this.#to - this.#position);
    const read =
      wanted > 0
        ? await this.#file.read(this.bytes.subarray(rest, rest + wanted), this.#position)
        : 0;
    this.#position += read;
    this.end += read;
    this.final = read < wanted || this.#position >= this.#to;
    this.bytes[this.end] = LF;
  }

  /** The next source may have the memory of this one, which is not used any more. Only after reads that all ended well. */
  release(): void {
    spare = this.#memory;
    this.bytes = new Uint8Array(0);
    this.start = 0;
    this.end = 0;
  }

  /** How much is read behind so much rest: what fills the window, or with a record that is longer than a block a quarter as much again, at least a block. */
  #portion(rest: number): number {
    const block = this.#memory.length - PADDING;
    return rest * 2 <= block && rest < block ? block - rest : Math.max(block, rest >> 2, 16);
  }

  /** The window has its own memory again as soon as the rest leaves half of it free. */
  #makeRoom(rest: number): void {
    const portion = this.#portion(rest);
    const needed = rest + portion + PADDING;
    const { bytes } = this;
    if (needed <= this.#memory.length) this.bytes = this.#memory;
    else if (needed > bytes.length) this.bytes = growingBytes(needed);
    if (this.bytes === bytes) bytes.copyWithin(0, this.start, this.end);
    else this.bytes.set(bytes.subarray(this.start, this.end));
  }
}
