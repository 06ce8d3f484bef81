import { setTimeout as pause } from "node:timers/promises";
import { Fault, isFault } from "#pkg/fault";
import type { FileFacts, OpenFile } from "./port.ts";
import type { TransferLimits } from "./settings.ts";

/** One version of a remote file, as streams of bytes from any position, or only from the beginning. */
export interface ByteStreams {
  /** As messages show it. */
  readonly url: string;
  readonly facts: FileFacts;
  readonly hasRanges: boolean;
  /** Bytes from a position to the end, or up to `end`. Throws FILE_CHANGED when it is another version now. */
  stream(from: number, end?: number): Promise<AsyncIterable<Uint8Array>>;
  currentFacts(): Promise<FileFacts>;
  close(): Promise<void>;
}

/** A source that breaks more often is given up, whatever progress it makes in between. */
const MAX_RESTARTS = 100;

/**
 * Reads in order go over one stream that is taken up again where it broke; a read elsewhere is a request of its own. Memory: one
 * piece of the stream.
 */
export class RangeFile implements OpenFile {
  readonly #source: ByteStreams;
  readonly #limits: TransferLimits;
  #stream: AsyncIterator<Uint8Array, undefined> | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  /** Position of the first byte of #piece. */
  #at = 0;
  /** Where the last read ended. */
  #last = 0;
  #restarts = 0;

  constructor(source: ByteStreams, limits: TransferLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  get facts(): FileFacts {
    return this.#source.facts;
  }

  get sequential(): true | undefined {
    return this.#source.hasRanges ? undefined : true;
  }

  currentFacts(): Promise<FileFacts> {
    return this.#source.currentFacts();
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const isNext = position === this.#last;
    if (!isNext && !this.#source.hasRanges)
      throw new Fault("INTERNAL", `${this.#source.url} can only be read from its beginning`);
    if (!isNext || this.#at !== position) await this.#closeStream();
    this.#at = position;
    const end = isNext ? undefined : position + into.length;
    let filled = 0;
    while (filled < into.length && !this.#isEnd(position + filled)) {
      if (this.#piece.length === 0 && !(await this.#advance(end))) break;
      const count = Math.min(this.#piece.length, into.length - filled);
      into.set(this.#piece.subarray(0, count), filled);
      this.#piece = this.#piece.subarray(count);
      this.#at += count;
      filled += count;
    }
    this.#last = position + filled;
    if (!isNext) await this.#closeStream();
    return filled;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeStream();
    await this.#source.close();
  }

  #isEnd(position: number): boolean {
    const { size } = this.#source.facts;
    return size >= 0 && position >= size;
  }

  /** Fetches the next piece; false at the end. Attempts count from the last progress. */
  async #advance(end: number | undefined): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#nextPiece(end);
      } catch (error) {
        await this.#closeStream();
        const delay = this.#limits.retryDelaysMs[attempt];
        const isTooOften = ++this.#restarts > MAX_RESTARTS;
        if (!isFault(error) || !error.retryable || delay === undefined || isTooOften) throw error;
        await pause(delay);
      }
    }
  }

  async #nextPiece(end: number | undefined): Promise<boolean> {
    this.#stream ??= await this.#begin(end);
    while (this.#piece.length === 0) {
      const next = await this.#soon(this.#stream.next());
      if (next.done === true) return this.#endOfStream();
      this.#piece = next.value;
    }
    return true;
  }

  #endOfStream(): boolean {
    this.#stream = undefined;
    const { facts, url } = this.#source;
    if (facts.size < 0 || this.#at >= facts.size) return false;
    throw new Fault(
      "FILE_UNREADABLE",
      `cannot read ${url}: the connection ended after ${this.#at} of ${facts.size} bytes`,
      {
        retryable: true,
        facts: { url },
      },
    );
  }

  async #begin(end: number | undefined): Promise<AsyncIterator<Uint8Array, undefined>> {
    const { hasRanges } = this.#source;
    const bytes = await this.#source.stream(hasRanges ? this.#at : 0, end);
    const stream = bytes[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
    for (let skip = hasRanges ? 0 : this.#at; skip > 0;) {
      const next = await this.#soon(stream.next());
      if (next.done === true) break;
      this.#piece = next.value.subarray(skip);
      skip -= Math.min(skip, next.value.length);
    }
    return stream;
  }

  /** A timer of `node:timers/promises` for each piece would cost more than the piece. */
  async #soon<T>(next: Promise<T>): Promise<T> {
    const { stallMs } = this.#limits;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#stalled()), stallMs).unref();
    });
    try {
      return await Promise.race([next, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #stalled(): Fault {
    const { url } = this.#source;
    const seconds = this.#limits.stallMs / 1000;
    return new Fault("FILE_UNREADABLE", `cannot read ${url}: nothing came for ${seconds} s`, {
      retryable: true,
      facts: { url },
    });
  }

  async #closeStream(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#piece = new Uint8Array(0);
    if (stream?.return === undefined) return;
    // A stream that stalls may never answer; closing the source ends it.
    await Promise.race([
      Promise.resolve(stream.return()).catch(() => undefined),
      pause(100, undefined, { ref: false }),
    ]);
  }
}
