import { subtle } from "node:crypto";
import { UploadPartCommand } from "@aws-sdk/client-s3";
import type { UploadPlace } from "./s3-address.ts";
import { s3Fault } from "./s3-faults.ts";

const PART_BYTES = 8 * 1024 * 1024;
/** Parts grow, so that their number stays below what the store allows. */
const GROWS_EVERY = 1000;
/** Memory of the parts of one upload, unless two of them need more. */
const MEMORY_BYTES = 32 * 1024 * 1024;
const LEAST_PARTS = 2;

interface PartSize {
  readonly bytes: number;
  /** Parts that memory is kept for: one that is filled, the others on their way. */
  readonly held: number;
}

/** Size of the part with that number, counted from one. */
export function sizeOfPart(number: number): PartSize {
  const bytes = PART_BYTES * 2 ** Math.floor(number / GROWS_EVERY);
  return { bytes, held: Math.max(LEAST_PARTS, Math.floor(MEMORY_BYTES / bytes)) };
}

/**
 * The parts of an open upload. One is filled while those before it are hashed in the thread pool and on their way. The store compares
 * each with the SHA-256 that its signature covers, so a part that was damaged underway is refused. Memory is used again: four parts of
 * eight megabytes, from part 1,000 on fewer and larger ones.
 */
export class S3Parts {
  readonly #at: UploadPlace;
  readonly #upload: string;
  readonly #etags: string[] = [];
  readonly #sending = new Set<Promise<void>>();
  #size = sizeOfPart(1);
  #free: Uint8Array<ArrayBuffer>[] = [];
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(this.#size.bytes);
  #filled = 0;
  #failure: unknown;

  constructor(at: UploadPlace, upload: string) {
    this.#at = at;
    this.#upload = upload;
  }

  /** Waits while all memory is on its way. A part that failed rejects the next write that needs memory, or the end. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const piece = bytes.subarray(from, from + this.#buffer.length - this.#filled);
      this.#buffer.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === this.#buffer.length) {
        this.#send();
        await this.#takeBuffer();
      }
    }
  }

  /** Sends the rest; what completes the upload. */
  async end(): Promise<readonly string[]> {
    if (this.#filled > 0 || this.#etags.length === 0) this.#send();
    await this.settled();
    this.#check();
    return this.#etags;
  }

  /** Nothing is on its way any more, however it went. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Memory for the next part: what came back, or more of it up to the limit. */
  async #takeBuffer(): Promise<void> {
    const size = sizeOfPart(this.#etags.length + 1);
    if (size.bytes !== this.#size.bytes) this.#free = [];
    this.#size = size;
    while (this.#sending.size >= size.held) await Promise.race(this.#sending);
    this.#check();
    this.#buffer = this.#free.pop() ?? new Uint8Array(size.bytes);
  }

  #send(): void {
    const buffer = this.#buffer;
    const number = this.#etags.push("");
    const sent = this.#sendPart(buffer.subarray(0, this.#filled), number)
      .then(() => {
        if (buffer.length === this.#size.bytes) this.#free.push(buffer);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
    this.#filled = 0;
  }

  async #sendPart(body: Uint8Array, number: number): Promise<void> {
    const { client, place, url } = this.#at;
    const command = new UploadPartCommand({
      Bucket: place.bucket,
      Key: place.key,
      UploadId: this.#upload,
      PartNumber: number,
      Body: body,
    });
    const hash = Buffer.from(await subtle.digest("SHA-256", body)).toString("hex");
    command.middlewareStack.add(
      (next) => (step) => {
        (step.request as { headers: Record<string, string> }).headers["x-amz-content-sha256"] =
          hash;
        return next(step);
      },
      { step: "build" },
    );
    try {
      this.#etags[number - 1] = (await client.send(command)).ETag ?? "";
    } catch (error) {
      throw s3Fault(url, "write", error);
    }
  }
}
