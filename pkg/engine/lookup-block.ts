import type { Rowset, Vector } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { checkCounts } from "./accounting.ts";
import { toStorage } from "./evaluate.ts";
import { flatRows } from "./flat-lookup.ts";
import { GroupedLookup } from "./grouped-lookup.ts";
import type { LeftBlock } from "./left-block.ts";
import { leftRowNames } from "./pair-scope.ts";
import { PairWalk } from "./pair-walk.ts";
import { rejectedTableRows } from "./rejected-table-rows.ts";
import type { RightSide } from "./right-side.ts";
import { rowsAt, rowsWhere } from "./row-lists.ts";
import type { FailedRow } from "./failing-rows.ts";
import { finishRows } from "./finish-rows.ts";
import type { SetAsideRow } from "#pkg/table";
import type { NodeContext } from "./types.ts";

/** Takes rows of the target with the left row (position in the block) of each. */
type TakeRows = (rowset: Rowset, left: Int32Array, block: LeftBlock) => Promise<void>;

/** Where produced rows and rejected ones go, in the order in which they are produced. */
export interface LookupTarget {
  readonly take: TakeRows;
  readonly reject: (
    rows: readonly SetAsideRow[],
    left: Int32Array,
    block: LeftBlock,
  ) => Promise<void>;
}

/** Pairs handled at a time; a left row may match millions of rows, a portion never holds more than this. */
const portionRows = (memory: number): number =>
  Math.max(4, Math.min(16_384, Math.floor(memory / 8192)));

type ProbedSide = Pick<RightSide, "rowset" | "failing">;

const EMPTY_RIGHT: ProbedSide = { rowset: { rows: 0, columns: new Map() }, failing: undefined };

/**
 * Rows a lookup produced and what became of them. A rejected row is a pair, or in a grouped lookup a left row; it is named by its left
 * row either way.
 */
export class LookupRows {
  private readonly context: NodeContext<LookupNode>;
  private readonly target: LookupTarget;
  private readonly rejects: boolean;
  private candidates = 0;
  private refused = 0;
  private rejected = 0;
  /** Rows handed over. */
  written = 0;

  constructor(context: NodeContext<LookupNode>, target: LookupTarget) {
    this.context = context;
    this.target = target;
    this.rejects = context.node.rejects?.rows === true;
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
    checkCounts(`node ${this.context.node.name}`, this.candidates, [
      this.written,
      this.refused,
      this.rejected,
    ]);
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
      while (walk.next()) await this.flatPortion(block, right, walk);
    }
    if (!single && left) await this.unmatched(block);
  }

  private async flatPortion(
    block: LeftBlock,
    right: ProbedSide,
    walk: Pick<PairWalk, "left" | "right" | "count" | "unmatched">,
  ): Promise<void> {
    const { rejects } = this;
    const { vectors, left, rows, failed } = flatRows(this.context, block, right, { walk, rejects });
    const pairs = [...failed].map(([row, fault]) => ({
      at: row,
      row: walk.left[row] as number,
      fault,
    }));
    await this.produce(block, { vectors, left, places: rows, failed: pairs });
  }

  private async unmatched(block: LeftBlock): Promise<void> {
    const rows = rowsWhere(block.matched, 0, true);
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
      groups.feed(new PairWalk(block, right, { capacity: this.capacity, unmatched: false }), right);
    const { vectors, left } = groups.results();
    const failed = groups.failed.map(({ row, fault }) => ({ row, fault, at: row }));
    await this.produce(block, { vectors, left, places: left, failed });
  }

  private async produce(
    block: LeftBlock,
    { vectors, left, places, failed }: Produced,
  ): Promise<void> {
    const { code } = this.context;
    const evaluated = {
      vectors,
      rows: left.length,
      names: leftRowNames(this.context, block, left),
    };
    const finished = finishRows(code, evaluated, {
      rejects: this.rejects,
      finish: (kept, names) => toStorage(code.fields, kept, names),
    });
    const { result, kept } = finished;
    const keptLeft = kept === undefined ? left : rowsAt(left, kept);
    const bad = [
      ...failed,
      ...finished.failed.map(({ row, fault }) => ({
        at: places?.[row] ?? row,
        row: left[row] as number,
        fault,
      })),
    ];
    markRows(block.alive, keptLeft);
    for (const { row } of bad) block.alive[row] = 1;
    this.candidates += left.length + failed.length;
    this.refused += left.length - finished.failed.length - result.rows;
    this.written += result.rows;
    this.rejected += bad.length;
    if (result.rows > 0) await this.target.take(result, keptLeft, block);
    if (bad.length > 0)
      await this.reject(
        block,
        bad.toSorted((a, b) => a.at - b.at),
      );
  }

  private reject(block: LeftBlock, failed: readonly FailedRow[]): Promise<void> {
    const rows = rejectedTableRows(this.context, block.rowset, failed, block.numberOf);
    return this.target.reject(
      rows,
      Int32Array.from(failed, ({ row }) => row),
      block,
    );
  }

  private get capacity(): number {
    return portionRows(this.context.ports.memory);
  }
}

/** Apart from the asynchronous caller, which V8 would compile anew for each change in these loops. */
function markRows(flags: Uint8Array, rows: Int32Array): void {
  for (let at = 0; at < rows.length; at += 1) flags[rows[at] as number] = 1;
}

/** Evaluated rows of a portion and the rows that failed before. */
interface Produced {
  readonly vectors: readonly Vector[];
  readonly left: Int32Array;
  /** Place of each row in the order of the portion; undefined: its own position. */
  readonly places: Int32Array | undefined;
  readonly failed: readonly PlacedFailure[];
}

/** `row` is the left row, `at` its place in the order of the portion. */
interface PlacedFailure extends FailedRow {
  readonly at: number;
}

/** Left rows of a block that left neither a row in the target nor a rejected one. */
export function rowsWithoutTrace(block: LeftBlock): number {
  let count = 0;
  for (const flag of block.alive) if (flag === 0) count += 1;
  return count;
}
