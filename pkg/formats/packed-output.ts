import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";
import type { FileWriter } from "#pkg/script";
import type { OutputFile, TemporaryFile } from "#pkg/transfer";
import { encodeText } from "./charset.ts";

/** The temporary file with everything between the text of the rows and the bytes of the file: encoding, and gzip for names in `.gz`. */
export function packedOutput(
  file: TemporaryFile,
  writer: FileWriter,
  place: { readonly url: string; readonly node: string },
): TemporaryFile {
  if (writer.format === "parquet") return file;
  const packed = /\.gz$/i.test(place.url) ? new GzipFile(file) : file;
  const { charset = "utf-8" } = writer;
  if (charset === "utf-8") return packed;
  const encoding = charset === "utf-8-bom" ? "utf-8" : charset;
  let mark = charset === "latin1" ? "" : "\uFEFF";
  const write = async (bytes: Uint8Array): Promise<void> => {
    const first = new TextEncoder().encode(mark);
    mark = "";
    if (first.length > 0) await packed.write(encodeText(first, encoding, place));
    await packed.write(encodeText(bytes, encoding, place));
  };
  return { write, finish: () => packed.finish(), abandon: () => packed.abandon() };
}

/** Memory: what the compressor holds. */
class GzipFile implements TemporaryFile {
  readonly #file: TemporaryFile;
  readonly #gzip: Gzip = createGzip();
  readonly #done: Promise<void>;

  constructor(file: TemporaryFile) {
    this.#file = file;
    this.#done = this.#pass();
    // Whoever writes next or finishes learns of it.
    this.#done.catch(() => undefined);
  }

  async #pass(): Promise<void> {
    for await (const bytes of this.#gzip) await this.#file.write(bytes as Uint8Array);
  }

  async write(bytes: Uint8Array): Promise<void> {
    // The caller may use its memory again.
    if (!this.#gzip.write(Buffer.from(bytes)))
      await Promise.race([once(this.#gzip, "drain"), this.#done]);
    if (this.#gzip.destroyed) await this.#done;
  }

  async finish(): Promise<OutputFile> {
    this.#gzip.end();
    await this.#done;
    return this.#file.finish();
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#done.catch(() => undefined);
    await this.#file.abandon();
  }
}
