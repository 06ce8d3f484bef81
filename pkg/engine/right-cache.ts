import { concatRowsets, type Rowset } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import type { TableStore } from "#pkg/store";
import { blockBytesOf, cacheBytesOf } from "./budget.ts";
import { emptyRowset } from "./empty-rowset.ts";
import { sourceManifest } from "./left-rows.ts";
import type { LookupColumns } from "./lookup-code.ts";
import { tableTypes } from "./node-code.ts";
import { readTable } from "#pkg/table";
import type { Manifest } from "#pkg/workflow";
import { buildRightSide, type RightSide } from "./right-side.ts";
import type { NodeContext } from "./types.ts";

/** Right sides a thread keeps between units; least recently used first. */
const caches = new WeakMap<TableStore, Map<string, RightSide>>();

/**
 * The whole right table of a broadcast lookup: its keys and the columns that expressions use, loaded once per thread and node. The
 * plan bounds its size (RunConstants.broadcastLimit); older ones are forgotten when the cache exceeds its share of the memory.
 */
export async function broadcastSide(
  context: NodeContext<LookupNode>,
  columns: LookupColumns,
): Promise<RightSide> {
  const { ports, task } = context;
  const cache = caches.get(ports.tables) ?? new Map<string, RightSide>();
  caches.set(ports.tables, cache);
  const key = JSON.stringify([
    task.incarnation,
    task.verdict.lookup?.manifest,
    task.script,
    task.node,
  ]);
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const manifest = await sourceManifest(context, task.verdict.lookup);
  makeRoom(cache, cacheBytesOf(ports.memory) - manifest.bytes);
  const side = buildRightSide(context, await wholeTable(context, manifest, columns.right));
  makeRoom(cache, cacheBytesOf(ports.memory) - side.bytes);
  cache.set(key, side);
  return side;
}

async function wholeTable(
  context: NodeContext<LookupNode>,
  manifest: Manifest,
  columns: readonly string[],
): Promise<Rowset> {
  const { ports, progress } = context;
  const parts: Rowset[] = [];
  const options = { columns, blockBytes: blockBytesOf(ports.memory) };
  for await (const { rowset } of readTable(ports.tables, manifest, options)) {
    parts.push(rowset);
    progress.advance(0);
  }
  if (parts.length > 0) return concatRowsets(parts);
  const types = tableTypes(context.script, context.node.lookup.table);
  return emptyRowset(columns, (name) => types.get(name));
}

/** Forgets the oldest entries until the others take at most `limit` bytes. */
function makeRoom(cache: Map<string, RightSide>, limit: number): void {
  let bytes = 0;
  for (const side of cache.values()) bytes += side.bytes;
  for (const [key, side] of cache) {
    if (bytes <= limit) return;
    cache.delete(key);
    bytes -= side.bytes;
  }
}
