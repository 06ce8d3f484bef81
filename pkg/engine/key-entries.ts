import { concatRowsets, gatherRowset, type Rowset } from "#pkg/rowset";
import type { TableStore } from "#pkg/store";
import type { CommittedUnit } from "./committed.ts";
import { hashesOf } from "./index-runs.ts";
import { partitionOf } from "./partitions.ts";
import { COMBINED, SegmentReader, type Segment } from "./segments.ts";

/** Bytes one key entry needs while duplicates are looked for; strings are not known beforehand. */
const ENTRY_BYTES = 96;

/** A set of hash partitions looked at together, or one slice of one partition that is too large for memory. */
export interface KeyPass {
  readonly partitions: ReadonlySet<number>;
  readonly slice: number;
  readonly slices: number;
}

export interface IndexPart {
  readonly batch: number;
  readonly reader: SegmentReader;
  readonly segments: readonly Segment[];
}

export async function indexParts(
  tables: TableStore,
  index: string,
  rows: readonly CommittedUnit[],
): Promise<readonly IndexPart[]> {
  const parts: IndexPart[] = [];
  for (const { place } of rows) {
    const reader = new SegmentReader(tables, place, { kind: "index", name: index });
    parts.push({ batch: place.unit, reader, segments: await reader.segments() });
  }
  return parts;
}

/** Groups partitions so that the entries of a pass fit into `bytes`. */
export function planPasses(
  parts: readonly IndexPart[],
  partitions: readonly number[],
  all: number,
  bytes: number,
): readonly KeyPass[] {
  const limit = Math.max(1, bytes / ENTRY_BYTES);
  const passes: KeyPass[] = [];
  let group: number[] = [];
  let rows = 0;
  const close = (): void => {
    if (group.length === 0) return;
    const slices = Math.ceil(Math.max(rows, 1) / limit);
    const set = new Set(group);
    for (let slice = 0; slice < slices; slice += 1) passes.push({ partitions: set, slice, slices });
    [group, rows] = [[], 0];
  };
  for (const partition of partitions) {
    const own = rowsOfPartition(parts, partition, all);
    if (rows + own > limit) close();
    group.push(partition);
    rows += own;
  }
  close();
  return passes;
}

function rowsOfPartition(parts: readonly IndexPart[], partition: number, all: number): number {
  let rows = 0;
  for (const { segments } of parts)
    for (const segment of segments) {
      if (segment.part === partition) rows += segment.rows;
      else if (segment.part === COMBINED) rows += segment.rows / all;
    }
  return rows;
}

export interface KeyEntries {
  readonly rowset: Rowset;
  /** Batch of each entry. Entries are in row order: batch, position. */
  readonly batches: Int32Array;
}

/** All entries of a pass in row order. */
export async function readEntries(
  parts: readonly IndexPart[],
  pass: KeyPass,
  partitions: number,
): Promise<KeyEntries | undefined> {
  const rowsets: Rowset[] = [];
  const batches: { readonly batch: number; readonly rows: number }[] = [];
  for (const { batch, reader, segments } of parts) {
    const wanted = segments
      .filter(({ part }) => part === COMBINED || pass.partitions.has(part))
      .toSorted((a, b) => a.run - b.run || a.seq - b.seq);
    for (const segment of wanted) {
      const rowset = wantedEntries(await reader.read(segment), segment, pass, partitions);
      rowsets.push(rowset);
      batches.push({ batch, rows: rowset.rows });
    }
  }
  if (rowsets.length === 0) return undefined;
  const rowset = concatRowsets(rowsets);
  const batchOf = new Int32Array(rowset.rows);
  let at = 0;
  for (const { batch, rows } of batches) batchOf.fill(batch, at, (at += rows));
  return { rowset, batches: batchOf };
}

function wantedEntries(
  entries: Rowset,
  segment: Segment,
  pass: KeyPass,
  partitions: number,
): Rowset {
  if (segment.part !== COMBINED && pass.slices === 1) return entries;
  const hashes = hashesOf(entries);
  const rows = new Int32Array(hashes.length);
  let count = 0;
  for (let row = 0; row < hashes.length; row += 1) {
    const hash = hashes[row] as number;
    if (!pass.partitions.has(partitionOf(hash, partitions))) continue;
    if (pass.slices > 1 && (hash & 0xffff) % pass.slices !== pass.slice) continue;
    rows[count++] = row;
  }
  return gatherRowset(entries, rows.subarray(0, count));
}
