import { concatRowsets, gatherRowset, sliceRowset, type Rowset } from "#pkg/rowset";

/** Rows of one sorted run, block by block. */
export interface RunSource {
  /** The next block with at least one row; undefined at the end. */
  readonly next: () => Promise<Rowset | undefined>;
}

/** Comparator over the rows of one rowset. */
export type ComparatorOf = (rowset: Rowset) => (i: number, j: number) => number;

/**
 * Merges sorted runs; ties come from the earlier run first. Memory: two times one block of each run. Each round merges until one block
 * is used up.
 */
export async function* mergeRuns(
  sources: readonly RunSource[],
  comparatorOf: ComparatorOf,
): AsyncGenerator<Rowset> {
  let runs: Run[] = [];
  for (const [rank, source] of sources.entries()) {
    const rowset = await source.next();
    if (rowset !== undefined) runs.push({ rank, source, rowset });
  }
  while (runs.length > 1) {
    const { merged, used } = mergeRound(runs, comparatorOf);
    yield merged;
    runs = await advance(runs, used);
  }
  const [last] = runs;
  if (last === undefined) return;
  for (
    let rowset: Rowset | undefined = last.rowset;
    rowset !== undefined;
    rowset = await last.source.next()
  )
    yield rowset;
}

interface Run {
  readonly rank: number;
  readonly source: RunSource;
  readonly rowset: Rowset;
}

/** Drops the rows used of each run and loads the next block of those used up. */
async function advance(runs: readonly Run[], used: Int32Array): Promise<Run[]> {
  const next: Run[] = [];
  for (const [index, run] of runs.entries()) {
    const count = used[index] as number;
    const rest =
      count < run.rowset.rows
        ? sliceRowset(run.rowset, count, run.rowset.rows)
        : await run.source.next();
    if (rest !== undefined) next.push({ ...run, rowset: rest });
  }
  return next;
}

function mergeRound(
  runs: readonly Run[],
  comparatorOf: ComparatorOf,
): { readonly merged: Rowset; readonly used: Int32Array } {
  const all = concatRowsets(runs.map((run) => run.rowset));
  const compare = comparatorOf(all);
  const cursors = new Int32Array(runs.length);
  const ends = new Int32Array(runs.length);
  let base = 0;
  for (const [index, { rowset }] of runs.entries()) {
    cursors[index] = base;
    base += rowset.rows;
    ends[index] = base;
  }
  const starts = cursors.slice();
  const heap = new RunHeap(cursors, compare);
  const order = new Int32Array(all.rows);
  let count = 0;
  for (;;) {
    const index = heap.top();
    const row = cursors[index] as number;
    order[count++] = row;
    cursors[index] = row + 1;
    if (row + 1 === ends[index]) break;
    heap.sink();
  }
  return {
    merged: gatherRowset(all, order.subarray(0, count)),
    used: cursors.map((at, index) => at - (starts[index] as number)),
  };
}

/** Run numbers ordered by the row under each run's cursor, then by run number. */
class RunHeap {
  private readonly cursors: Int32Array;
  private readonly compare: (i: number, j: number) => number;
  private readonly heap: Int32Array;

  constructor(cursors: Int32Array, compare: (i: number, j: number) => number) {
    this.cursors = cursors;
    this.compare = compare;
    this.heap = Int32Array.from(cursors, (_, index) => index);
    for (let at = (cursors.length >> 1) - 1; at >= 0; at -= 1) this.sinkFrom(at);
  }

  top(): number {
    return this.heap[0] as number;
  }

  /** Restores the order after the cursor of the top run moved. */
  sink(): void {
    this.sinkFrom(0);
  }

  private before(a: number, b: number): boolean {
    const order = this.compare(this.cursors[a] as number, this.cursors[b] as number);
    return order < 0 || (order === 0 && a < b);
  }

  private sinkFrom(start: number): void {
    const { heap } = this;
    const moving = heap[start] as number;
    let at = start;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.before(heap[child + 1] as number, heap[child] as number))
        child += 1;
      if (!this.before(heap[child] as number, moving)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moving;
  }
}
