import type { Rowset, Vector } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { checkCounts } from "./accounting.ts";
import { applyHaving, toStorage } from "./evaluate.ts";
import { flatFields } from "./flat-lookup.ts";
import { GroupedLookup } from "./grouped-lookup.ts";
import type { LeftBlock } from "./left-block.ts";
import { leftRowNames } from "./pair-scope.ts";
import { PairWalk } from "./pair-walk.ts";
import type { RightSide } from "./right-side.ts";
import type { NodeContext } from "./types.ts";

/** Takes rows of the target with the left row (position in the block) of each. */
export type TakeRows = (rowset: Rowset, left: Int32Array, block: LeftBlock) => Promise<void>;

/** Pairs handled at a time; a left row may match millions of rows, a portion never holds more than this. */
const portionRows = (memory: number): number =>
  Math.max(4, Math.min(16_384, Math.floor(memory / 8192)));

const EMPTY_RIGHT: Rowset = { rows: 0, columns: new Map() };

/** Rows a lookup produced and what became of them. */
export class LookupRows {
  private readonly context: NodeContext<LookupNode>;
  private readonly take: TakeRows;
  private candidates = 0;
  private refused = 0;
  /** Rows handed over. */
  written = 0;

  constructor(context: NodeContext<LookupNode>, take: TakeRows) {
    this.context = context;
    this.take = take;
  }

  /**
   * All rows of one left block. Right sides come in row order; with `single` there is exactly one, and rows come out in (left, right)
   * order; otherwise they do so per right side, and unmatched rows at the end.
   */
  async block(
    block: LeftBlock,
    rights: AsyncIterable<RightSide> | Iterable<RightSide>,
    single: boolean,
  ): Promise<void> {
    if (this.context.node.lookup.group) await this.grouped(block, rights);
    else await this.flat(block, rights, single);
  }

  check(): void {
    checkCounts(`node ${this.context.node.name}`, this.candidates, [this.written, this.refused]);
  }

  private async flat(
    block: LeftBlock,
    rights: AsyncIterable<RightSide> | Iterable<RightSide>,
    single: boolean,
  ): Promise<void> {
    const left = this.context.node.lookup.join === "left";
    for await (const right of rights) {
      const walk = new PairWalk(block, right, {
        capacity: this.capacity,
        unmatched: single && left,
      });
      while (walk.next()) await this.flatPortion(block, right.rowset, walk);
    }
    if (!single && left) await this.unmatched(block);
  }

  private async flatPortion(
    block: LeftBlock,
    right: Rowset,
    walk: Pick<PairWalk, "left" | "right" | "count" | "unmatched">,
  ): Promise<void> {
    const vectors = flatFields(this.context, block, right, walk);
    await this.produce(block, vectors, walk.left.subarray(0, walk.count));
  }

  private async unmatched(block: LeftBlock): Promise<void> {
    const rows = Int32Array.from(block.matched, (_, row) => row).filter(
      (row) => block.matched[row] === 0,
    );
    for (let at = 0; at < rows.length; at += this.capacity) {
      const left = rows.subarray(at, at + this.capacity);
      const count = left.length;
      await this.flatPortion(block, EMPTY_RIGHT, {
        left,
        right: new Int32Array(count).fill(-1),
        count,
        unmatched: count,
      });
    }
  }

  private async grouped(
    block: LeftBlock,
    rights: AsyncIterable<RightSide> | Iterable<RightSide>,
  ): Promise<void> {
    const groups = new GroupedLookup(this.context, block);
    for await (const right of rights)
      groups.feed(
        new PairWalk(block, right, { capacity: this.capacity, unmatched: false }),
        right.rowset,
      );
    const { vectors, left } = groups.results();
    await this.produce(block, vectors, left);
  }

  private async produce(
    block: LeftBlock,
    vectors: readonly Vector[],
    left: Int32Array,
  ): Promise<void> {
    const { code } = this.context;
    const names = leftRowNames(this.context, block, left);
    const kept = applyHaving(code.having, code.fields, vectors, { rows: left.length, names });
    const keptLeft =
      kept.kept === undefined ? left : Int32Array.from(kept.kept, (row) => left[row] as number);
    for (const row of keptLeft) block.alive[row] = 1;
    this.candidates += left.length;
    this.refused += left.length - kept.rows;
    this.written += kept.rows;
    if (kept.rows > 0) await this.take(toStorage(code.fields, kept, names), keptLeft, block);
  }

  private get capacity(): number {
    return portionRows(this.context.ports.memory);
  }
}

/** Left rows of a block that left no row in the target. */
export function rowsWithoutTrace(block: LeftBlock): number {
  let count = 0;
  for (const flag of block.alive) if (flag === 0) count += 1;
  return count;
}
