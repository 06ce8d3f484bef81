import { Fault } from "#pkg/fault";
import type { AttemptPlace, Piece, TableStore } from "#pkg/store";

const keyOf = (place: AttemptPlace, piece: Piece): string =>
  [
    place.run,
    place.node,
    place.phase,
    place.unit,
    place.token,
    piece.kind,
    piece.name,
    piece.part,
    piece.seq,
  ].join("|");

/** A table store in memory that refuses to write a piece twice. */
export function memoryTables(): TableStore & { readonly pieces: Map<string, Uint8Array> } {
  const pieces = new Map<string, Uint8Array>();
  const read: TableStore["read"] = (place, piece) => {
    const data = pieces.get(keyOf(place, piece));
    if (data === undefined) throw new Fault("TABLE_DAMAGED", `no piece ${keyOf(place, piece)}`);
    return Promise.resolve(data.slice());
  };
  return {
    pieces,
    chunkSize: { rows: 1000, bytes: 90 * 1024 },
    write: (place, stored) => {
      for (const { piece, data } of stored) {
        const key = keyOf(place, piece);
        if (pieces.has(key)) throw new Fault("INTERNAL", `piece ${key} is written twice`);
        pieces.set(key, data.slice());
      }
      return Promise.resolve();
    },
    read,
    async *readMany(place, first, count) {
      for (let seq = first.seq; seq < first.seq + count; seq += 1)
        yield await read(place, { ...first, seq });
    },
    flush: () => Promise.resolve(),
    sweep: () => Promise.resolve(),
    drop: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
