import { SegmentJoiner, type WholePiece } from "./segments.ts";
import type { Row } from "./statement.ts";

const MOST_PIECES = 128;
const WINDOW_BYTES = 1 << 20;
/** Until sizes have been seen. */
const FIRST_BYTES = 128 << 10;
/** One or two are in use while the next one is on its way. */
const KEPT_WINDOWS = 4;

/** Pieces from `from` to before `until` that one statement asked for; those that did not fit into its answer are absent. */
interface Window {
  readonly name: string;
  readonly from: number;
  readonly until: number;
  readonly pieces: Promise<ReadonlyMap<number, WholePiece>>;
}

export interface AheadOptions {
  /** Pieces before this one are wanted soon. */
  readonly until: number;
  /** The rows of so many pieces, or of the first of them. */
  readonly fetch: (until: number) => Promise<readonly Row[]>;
}

/**
 * Pieces that come with one statement because several readers want them soon: small batches side by side want one or two each.
 * Memory: about a megabyte a window.
 */
export class ReadAhead {
  #windows: readonly Window[] = [];
  #pieceBytes = FIRST_BYTES;

  /**
   * Piece `seq` of those with the name, when it was read ahead or is on its way; with options it is read ahead otherwise. Undefined:
   * it has to be read on its own, which also tells whether it is missing.
   */
  async read(name: string, seq: number, options?: AheadOptions): Promise<WholePiece | undefined> {
    const known = this.#windows.findLast(
      (each) => each.name === name && each.from <= seq && seq < each.until,
    );
    const window = known ?? (options === undefined ? undefined : this.#open(name, seq, options));
    return (await window?.pieces)?.get(seq);
  }

  forget(): void {
    this.#windows = [];
  }

  #open(name: string, from: number, { until: wanted, fetch }: AheadOptions): Window {
    const fitting = Math.min(MOST_PIECES, Math.floor(WINDOW_BYTES / this.#pieceBytes));
    const until = Math.min(wanted, from + Math.max(1, fitting));
    const pieces = fetch(until).then((rows) => this.#joined(rows));
    const window: Window = { name, from, until, pieces };
    this.#windows = [...this.#windows.slice(1 - KEPT_WINDOWS), window];
    pieces.catch(() => {
      this.#windows = this.#windows.filter((each) => each !== window);
    });
    return window;
  }

  #joined(rows: readonly Row[]): ReadonlyMap<number, WholePiece> {
    const joiner = new SegmentJoiner();
    const whole = rows.flatMap((row) => joiner.add(row) ?? []);
    const bytes = rows.reduce((sum, row) => sum + (row["data"] as Buffer).length, 0);
    if (whole.length > 0) this.#pieceBytes = Math.max(1, bytes / whole.length);
    return new Map(whole.map((piece) => [piece.seq, piece]));
  }
}
