import type { Row } from "./statement.ts";
import type { SegmentRow } from "./table-statements.ts";

/** Well below the 16 MB that a request may have, and small enough that a few in flight are little memory. */
const SEGMENT_BYTES = 1 << 20;

/** An empty piece has one empty segment. */
export function cutIntoSegments(data: Uint8Array): readonly SegmentRow[] {
  const segs = Math.max(1, Math.ceil(data.length / SEGMENT_BYTES));
  return Array.from({ length: segs }, (_, seg) => ({
    seg,
    segs,
    data: bufferOn(data.subarray(seg * SEGMENT_BYTES, (seg + 1) * SEGMENT_BYTES)),
  }));
}

/** The same bytes as the driver wants them. */
const bufferOn = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** A piece as it came from the server, in frames that belong to nobody else. */
export interface WholePiece {
  readonly seq: number;
  readonly parts: readonly Buffer[];
}

/** Puts segments together again as their rows arrive in order; a piece of which one is missing never appears. */
export class SegmentJoiner {
  #seq = -1;
  #parts: Buffer[] = [];

  /** The piece that this row completes. */
  add(row: Row): WholePiece | undefined {
    const { seq, seg, segs, data } = row as unknown as SegmentRow & { seq: number; data: Buffer };
    if (seg === 0) {
      this.#seq = seq;
      this.#parts = [];
    }
    if (seq !== this.#seq || seg !== this.#parts.length) return undefined;
    this.#parts.push(data);
    return this.#parts.length === segs ? { seq, parts: this.#parts } : undefined;
  }
}

/** A copy for its reader alone, aligned. */
export function bytesOf({ parts }: WholePiece): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
