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

  /** Fills the next portion; false when there is none. One loop over local variables: it is the hottest one of a lookup. */
  next(): boolean {
    const { left, right, same } = this;
    const { hashes, chains } = this.side;
    const { matched, hashes: wanted } = this.block;
    const { heads, next, mask } = chains;
    const rows = wanted.length;
    let { row, candidate } = this;
    let count = 0;
    this.unmatched = 0;
    while (count < left.length) {
      if (candidate < 0) {
        if (this.isAlone(row)) {
          this.addAlone(row, count++);
          continue;
        }
        if (row + 1 >= rows) break;
        candidate = heads[(wanted[++row] as number) & mask] as number;
        continue;
      }
      const at = candidate;
      candidate = next[at] as number;
      if (hashes[at] !== wanted[row] || !same(row, at)) continue;
      matched[row] = 1;
      left[count] = row;
      right[count++] = at;
    }
    this.row = row;
    this.candidate = candidate;
    this.count = count;
    return count > 0;
  }

  /** Whether all candidates of the row were looked at in vain and it was asked for nevertheless. */
  private isAlone(row: number): boolean {
    return this.withUnmatched && row >= 0 && this.block.matched[row] === 0;
  }

  private addAlone(row: number, at: number): void {
    this.block.matched[row] = 2;
    this.left[at] = row;
    this.right[at] = -1;
    this.unmatched += 1;
  }
}
