/** What is wanted of one chunk. */
export interface ChunkShare {
  readonly seq: number;
  readonly rows: number;
  /** Position of its first row in the batch. */
  readonly position: number;
  /** Its part of the dropped positions. */
  readonly dropped: readonly [number, number];
  /** Visible rows of it: where they begin in the batch, and which of them are wanted. */
  readonly start: number;
  readonly visible: number;
  readonly low: number;
  readonly high: number;
}

/** Visible positions of a batch, half open. */
export interface WantedRows {
  readonly from: number;
  readonly to: number;
}

/**
 * The chunks of one batch by the rows that readers see of them. Small batches read a few chunks of a batch that has thousands, so
 * they are searched for.
 */
export class BatchChunks {
  readonly #chunks: readonly number[];
  readonly #starts: Float64Array;
  readonly #dropped: Int32Array;

  /** `dropped`: positions that are not visible, ascending. */
  constructor(chunks: readonly number[], dropped: Int32Array) {
    this.#chunks = chunks;
    this.#starts = startsOf(chunks);
    this.#dropped = dropped;
  }

  shares({ from, to }: WantedRows): readonly ChunkShare[] {
    const shares: ChunkShare[] = [];
    for (let seq = this.#from(from); seq < this.#chunks.length; seq += 1) {
      const share = this.#share(seq, { from, to });
      if (share.start >= to) break;
      if (share.low < share.high) shares.push(share);
    }
    return shares;
  }

  /** How many chunks lie between this one and the end of the rows before `to`. */
  between(seq: number, to: number): number {
    return Math.max(0, this.#from(to - 1) - seq);
  }

  /** The last chunk that begins at or before a visible position. */
  #from(visible: number): number {
    let [low, high] = [0, this.#chunks.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (this.#visibleBefore(middle) <= visible) low = middle;
      else high = middle;
    }
    return low;
  }

  #share(seq: number, { from, to }: WantedRows): ChunkShare {
    const position = this.#starts[seq] as number;
    const rows = this.#chunks[seq] as number;
    const start = this.#visibleBefore(seq);
    const dropped = [position - start, this.#droppedBefore(position + rows)] as const;
    const visible = rows - (dropped[1] - dropped[0]);
    const low = Math.max(0, from - start);
    const high = Math.min(visible, to - start);
    return { seq, rows, position, dropped, start, visible, low, high };
  }

  #visibleBefore(seq: number): number {
    const position = this.#starts[seq] as number;
    return position - this.#droppedBefore(position);
  }

  #droppedBefore(position: number): number {
    let [low, high] = [0, this.#dropped.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#dropped[middle] as number) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Rows before each chunk; counted once for the batches of a manifest that stays in memory. */
const known = new WeakMap<readonly number[], Float64Array>();

function startsOf(chunks: readonly number[]): Float64Array {
  const found = known.get(chunks);
  if (found !== undefined) return found;
  const starts = new Float64Array(chunks.length);
  let rows = 0;
  for (let seq = 0; seq < chunks.length; seq += 1) {
    starts[seq] = rows;
    rows += chunks[seq] as number;
  }
  known.set(chunks, starts);
  return starts;
}
