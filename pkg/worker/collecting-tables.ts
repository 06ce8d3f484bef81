import type { TableStore } from "#pkg/store";

/** The same tables; `collect` is called after every piece that was read or written: where arrays come, others have become garbage. */
export const collectingTables = (tables: TableStore, collect: () => void): TableStore => ({
  chunkSize: tables.chunkSize,
  async write(place, pieces) {
    await tables.write(place, pieces);
    collect();
  },
  async read(place, piece) {
    const data = await tables.read(place, piece);
    collect();
    return data;
  },
  async *readMany(...places) {
    for await (const data of tables.readMany(...places)) {
      collect();
      yield data;
    }
  },
  flush: (node) => tables.flush(node),
  sweep: (node, keep) => tables.sweep(node, keep),
  drop: (incarnation) => tables.drop(incarnation),
  [Symbol.asyncDispose]: () => tables[Symbol.asyncDispose](),
});
