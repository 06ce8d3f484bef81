import { keyMatcher, type KeyMatcher } from "#pkg/rowset";
import type { LeftBlock } from "./left-block.ts";
import type { RightSide } from "./right-side.ts";

/**
 * Walks all matches of a left block in a right side in (left row, right row) order, in portions of bounded size: a portion may end
 * inside the matches of one left row. Unmatched left rows appear with right = -1 when asked for.
 */
export class PairWalk {
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Pairs in the portion at hand. */
  count = 0;
  /** How many of them have no right row. */
  unmatched = 0;
  private readonly block: LeftBlock;
  private readonly side: RightSide;
  private readonly withUnmatched: boolean;
  private readonly same: KeyMatcher;
  private row = -1;
  private candidate = -1;

  constructor(
    block: LeftBlock,
    side: RightSide,
    options: { readonly capacity: number; readonly unmatched: boolean },
  ) {
    this.block = block;
    this.side = side;
    this.withUnmatched = options.unmatched;
    this.same = keyMatcher(block.keys, side.keys);
    this.left = new Int32Array(options.capacity);
    this.right = new Int32Array(options.capacity);
  }

  /** Fills the next portion; false when there is none. */
  next(): boolean {
    this.count = 0;
    this.unmatched = 0;
    const { rowset } = this.block;
    while (this.count < this.left.length) {
      if (this.candidate < 0 && !this.nextRow(rowset.rows)) break;
      this.followChain();
    }
    return this.count > 0;
  }

  /** Moves to the next left row; the row before it is complete. */
  private nextRow(rows: number): boolean {
    if (this.row >= rows) return false;
    const done = this.row;
    if (this.withUnmatched && done >= 0 && this.block.matched[done] === 0) {
      this.block.matched[done] = 2;
      this.left[this.count] = done;
      this.right[this.count] = -1;
      this.count += 1;
      this.unmatched += 1;
      if (this.count === this.left.length) return true;
    }
    this.row += 1;
    if (this.row >= rows) return false;
    const { heads, mask } = this.side.chains;
    this.candidate = heads[(this.block.hashes[this.row] as number) & mask] as number;
    return true;
  }

  private followChain(): void {
    const { hashes, chains, passes } = this.side;
    const { row, left, right, same } = this;
    const { next } = chains;
    const hash = this.block.hashes[row];
    let { candidate, count } = this;
    while (candidate >= 0 && count < left.length) {
      const at = candidate;
      candidate = next[at] as number;
      if (hashes[at] !== hash || !same(row, at) || (passes !== undefined && !passes(at))) continue;
      left[count] = row;
      right[count] = at;
      count += 1;
    }
    if (count > this.count) this.block.matched[row] = 1;
    this.candidate = candidate;
    this.count = count;
  }
}
