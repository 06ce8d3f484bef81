import { Fault } from "#pkg/fault";
import { columnOf, keyMatcher, valueAt, type Column, type Rowset } from "#pkg/rowset";
import type { Index, TableWriterNode } from "#pkg/script";
import { valueToText } from "#pkg/value";
import type { UnitOutcome } from "#pkg/workflow";
import { checkCounts, emptyOutcome } from "./accounting.ts";
import { rightBytesOf } from "./budget.ts";
import { committedUnits } from "./committed.ts";
import { emptyChains, findKey } from "./hash-chains.ts";
import { hashesOf, keyColumnName, POSITION_COLUMN } from "./index-runs.ts";
import { indexParts, planPasses, readEntries, type KeyEntries } from "./key-entries.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import { bytesOfPositions, selectionDirectory, selectionPiece } from "#pkg/table";
import type { NodeContext } from "./types.ts";

/**
 * Phase finish of nodes with unique indexes: unit g looks at hash partitions p with p mod units = g. Of rows with equal keys the
 * lowest row id wins; distinct_table drops the others, any other node fails with DUPLICATE_KEY naming the lowest pair. Memory: the
 * entries of one pass (a quarter of the budget; more entries = more passes) and 4 bytes for each dropped row.
 */
export async function finishUnique(context: NodeContext<TableWriterNode>): Promise<UnitOutcome> {
  const { task, ports, node } = context;
  const units = task.plan.phases.find((phase) => phase.name === "finish")?.units ?? 1;
  const all = Array.from({ length: task.plan.partitions }, (_, partition) => partition);
  const scan = new KeyScan(
    context,
    all.filter((partition) => partition % units === task.unit),
  );
  for (const index of node.writer.indexes) if (index.unique) await scan.run(index);
  if (node.kind !== "distinct_table") scan.refuse();
  const duplicates = node.kind === "distinct_table" ? scan.duplicates : 0;
  const read = node.kind === "distinct_table" ? scan.entries : 0;
  const dropped = scan.droppedRows();
  const sum = dropped.reduce((total, each) => total + each.positions.length, 0);
  checkCounts(`node ${node.name}, finish`, duplicates, [sum]);
  const sink = new PieceSink(ports.tables, placeOf(task));
  for (const { batch, positions } of dropped)
    await sink.put(selectionPiece(batch), bytesOfPositions(positions));
  await sink.put(
    selectionDirectory,
    bytesOfPositions(Int32Array.from(dropped, ({ batch }) => batch)),
  );
  await sink.end();
  return {
    ...emptyOutcome({ read, written: read - duplicates, duplicates }),
    bytes: sink.bytes,
    dropped: dropped.map(({ batch, positions }) => ({ batch, rows: positions.length })),
  };
}

interface RowId {
  readonly batch: number;
  readonly position: number;
}

interface Violation {
  readonly index: string;
  readonly key: string;
  readonly first: RowId;
  readonly second: RowId;
}

const before = (a: RowId, b: RowId): boolean =>
  a.batch < b.batch || (a.batch === b.batch && a.position < b.position);

class KeyScan {
  private readonly context: NodeContext<TableWriterNode>;
  private readonly partitions: readonly number[];
  private readonly dropped = new Map<number, number[]>();
  private violation: Violation | undefined;
  entries = 0;
  duplicates = 0;

  constructor(context: NodeContext<TableWriterNode>, partitions: readonly number[]) {
    this.context = context;
    this.partitions = partitions;
  }

  async run(index: Index): Promise<void> {
    const { task, ports, progress } = this.context;
    const parts = await indexParts(
      ports.tables,
      index.name,
      await committedUnits(this.context, "rows"),
    );
    const { partitions } = task.plan;
    for (const pass of planPasses(parts, this.partitions, partitions, rightBytesOf(ports.memory))) {
      const entries = await readEntries(parts, pass, partitions);
      if (entries !== undefined) this.scan(index, entries);
      progress.advance(entries?.rowset.rows ?? 0);
    }
  }

  refuse(): void {
    const { node } = this.context;
    if (this.violation === undefined) return;
    const { index, key, first, second } = this.violation;
    const name = (row: RowId): string => `batch ${row.batch}, row ${row.position + 1}`;
    throw new Fault(
      "DUPLICATE_KEY",
      `node ${node.name}: unique index ${index} has the key ${key} twice: ${name(first)} and ${name(second)}`,
      { facts: { node: node.name, index, key, first, second } },
    );
  }

  droppedRows(): readonly { readonly batch: number; readonly positions: Int32Array }[] {
    if (this.context.node.kind !== "distinct_table") return [];
    return [...this.dropped]
      .toSorted(([a], [b]) => a - b)
      .map(([batch, positions]) => ({ batch, positions: Int32Array.from(positions).sort() }));
  }

  private scan(index: Index, { rowset, batches }: KeyEntries): void {
    const keys = index.components.map((_, component) => columnOf(rowset, keyColumnName(component)));
    const hashes = hashesOf(rowset);
    const chains = emptyChains(rowset.rows);
    const { heads, next, mask } = chains;
    const probe = { chains, hashes, same: keyMatcher(keys, keys) };
    const rowId = (row: number): RowId => ({
      batch: batches[row] as number,
      position: positionAt(rowset, row),
    });
    this.entries += rowset.rows;
    for (let row = 0; row < rowset.rows; row += 1) {
      const hash = hashes[row] as number;
      const other = findKey(probe, row, hash);
      if (other < 0) {
        next[row] = heads[hash & mask] as number;
        heads[hash & mask] = row;
        continue;
      }
      this.duplicate(index, keys, rowId(other), { ...rowId(row), row });
    }
  }

  private duplicate(
    index: Index,
    keys: readonly Column[],
    first: RowId,
    second: RowId & { readonly row: number },
  ): void {
    this.duplicates += 1;
    const { batch, position } = second;
    if (this.context.node.kind === "distinct_table") {
      const positions = this.dropped.get(batch);
      if (positions === undefined) this.dropped.set(batch, [position]);
      else positions.push(position);
    } else if (this.violation === undefined || before(second, this.violation.second)) {
      const key = keys
        .map((column) => JSON.stringify(valueToText(column.type, valueAt(column, second.row))))
        .join(", ");
      this.violation = { index: index.name, key, first, second: { batch, position } };
    }
  }
}

function positionAt(rowset: Rowset, row: number): number {
  const column = rowset.columns.get(POSITION_COLUMN);
  return column?.type === "int" ? Number(column.values[row]) : row;
}
