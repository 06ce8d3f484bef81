import { Fault } from "#pkg/fault";
import { concatRowsets, decodeChunk, gatherRowset, sliceRowset, type Rowset } from "#pkg/rowset";
import type { AttemptPlace, TableStore } from "#pkg/store";
import type { Manifest, ManifestBatch } from "#pkg/workflow";
import { BatchChunks, type ChunkShare, type WantedRows } from "./chunk-shares.ts";
import { rowsetBytes } from "./rowset-bytes.ts";
import { Selections } from "./selection.ts";

/** Rows of a table in visible order; `from` is the position of the first of them. */
export interface TableBlock {
  readonly from: number;
  readonly rowset: Rowset;
}

export interface ReadOptions {
  /** Names of the fields to decode. */
  readonly columns: readonly string[];
  /** Visible positions, half open; all rows by default. */
  readonly from?: number;
  readonly to?: number;
  /** Up to here rows will probably be read by this process soon after those. */
  readonly soon?: number;
  /** Chunks are joined into blocks of about this many rows or bytes, for work by columns. */
  readonly blockRows?: number;
  readonly blockBytes?: number;
}

const BLOCK_ROWS = 4096;
const BLOCK_BYTES = 8 << 20;

/**
 * The rows of a table as its manifest names them, dropped rows removed. Memory: one block and one chunk. Throws
 * TABLE_DAMAGED when what is stored differs from the manifest.
 */
export async function* readTable(
  tables: TableStore,
  manifest: Manifest,
  options: ReadOptions,
): AsyncGenerator<TableBlock> {
  const { blockRows = BLOCK_ROWS, blockBytes = BLOCK_BYTES } = options;
  let parts: Rowset[] = [];
  let [from, rows, bytes] = [0, 0, 0];
  for await (const part of visibleChunks(tables, manifest, options)) {
    const size = rowsetBytes(part.rowset);
    // One chunk that is a block by itself, because of a very long text, is not copied into one with the rows before it.
    if (rows > 0 && size >= blockBytes) {
      yield { from, rowset: joined(parts) };
      parts = [];
      [rows, bytes] = [0, 0];
    }
    if (rows === 0) from = part.from;
    parts.push(part.rowset);
    rows += part.rowset.rows;
    bytes += size;
    if (rows < blockRows && bytes < blockBytes) continue;
    yield { from, rowset: joined(parts) };
    parts = [];
    [rows, bytes] = [0, 0];
  }
  if (rows > 0) yield { from, rowset: joined(parts) };
}

const joined = (parts: readonly Rowset[]): Rowset =>
  parts.length === 1 && parts[0] !== undefined ? parts[0] : concatRowsets(parts);

async function* visibleChunks(
  tables: TableStore,
  manifest: Manifest,
  options: ReadOptions,
): AsyncGenerator<TableBlock> {
  const { from = 0, to = manifest.rows, soon = to } = options;
  const selections = new Selections(tables, manifest);
  let start = 0;
  for (const batch of manifest.batches) {
    if (start >= to) return;
    if (start + batch.rows > from) {
      const reader = { tables, manifest, batch, columns: options.columns };
      const dropped = await droppedOf(selections, batch);
      const wanted = { from: from - start, to: to - start, soon: soon - start };
      for await (const { from, rowset } of batchChunks(reader, dropped, wanted))
        yield { from: start + from, rowset };
    }
    start += batch.rows;
  }
}

async function droppedOf(selections: Selections, batch: ManifestBatch): Promise<Int32Array> {
  if (batch.stored === batch.rows) return new Int32Array(0);
  const dropped = await selections.dropped(batch.batch);
  if (batch.stored - dropped.length !== batch.rows)
    throw new Fault(
      "TABLE_DAMAGED",
      `batch ${batch.batch} has ${dropped.length} dropped rows, its manifest says ${batch.stored - batch.rows}`,
    );
  return dropped;
}

interface BatchReader {
  readonly tables: TableStore;
  readonly manifest: Manifest;
  readonly batch: ManifestBatch;
  readonly columns: readonly string[];
}

/** Positions are those of the batch. */
async function* batchChunks(
  reader: BatchReader,
  dropped: Int32Array,
  wanted: WantedRows & { readonly soon: number },
): AsyncGenerator<TableBlock> {
  const chunks = new BatchChunks(reader.batch.chunks, dropped);
  const shares = chunks.shares(wanted);
  const [first, last] = [shares[0], shares.at(-1)];
  if (first === undefined || last === undefined) return;
  const place = placeOf(reader);
  const piece = { kind: "chunk", name: "", part: 0, seq: first.seq } as const;
  const count = last.seq - first.seq + 1;
  const soon = chunks.between(last.seq, Math.min(wanted.soon, reader.batch.rows));
  let [seq, next] = [first.seq, 0];
  for await (const bytes of reader.tables.readMany(place, piece, count, soon)) {
    const share = shares[next];
    // A chunk between two others may have lost all its rows.
    if (share?.seq === seq) {
      next += 1;
      yield blockOf(decoded(reader, share, bytes), share, dropped);
    }
    seq += 1;
  }
}

function placeOf({ manifest, batch }: BatchReader): AttemptPlace {
  const { incarnation, node } = manifest;
  const run = batch.from ?? manifest.run;
  return { incarnation, run, node, phase: "rows", unit: batch.batch, token: batch.token };
}

function blockOf(chunk: Rowset, share: ChunkShare, dropped: Int32Array): TableBlock {
  const { rows, position, visible, low, high, start } = share;
  const kept =
    visible === rows
      ? chunk
      : gatherRowset(chunk, keptPositions(rows, position, dropped.subarray(...share.dropped)));
  const rowset = low === 0 && high === visible ? kept : sliceRowset(kept, low, high);
  return { from: start + low, rowset };
}

function decoded(
  { manifest: { node }, batch, columns }: BatchReader,
  { seq, rows }: ChunkShare,
  bytes: Uint8Array,
): Rowset {
  const chunk = decodeChunk(bytes, columns);
  if (chunk.rows !== rows)
    throw new Fault(
      "TABLE_DAMAGED",
      `chunk ${seq} of node ${node}, batch ${batch.batch} has ${chunk.rows} rows, its manifest says ${rows}`,
    );
  return chunk;
}

/** Positions in a chunk (starting at `base` in its batch) that are not dropped. */
function keptPositions(rows: number, base: number, dropped: Int32Array): Int32Array {
  const kept = new Int32Array(rows - dropped.length);
  let [at, next] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    if (next < dropped.length && dropped[next] === base + row) next += 1;
    else kept[at++] = row;
  }
  return kept;
}
