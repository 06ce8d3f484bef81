/** One attempt at one unit of work; the token fences everything written under it (design 4.3). */
export interface AttemptPlace {
  /** Incarnation id of the keyspace. */
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
  readonly phase: string;
  readonly unit: number;
  readonly token: string;
}

/**
 * A named piece of what an attempt writes. `chunk`: rows of the table, seq = chunk number. `index`: key run of index
 * `name`, part = hash partition (or -1 for one combined run), seq = segment. `shuffle`: rows on their way to a partitioned
 * join, part = partition. `selection`: row positions that a finish unit dropped, part = batch. `ranges`: record ranges of a
 * large file. `rejected`: rejected rows.
 */
export interface Piece {
  readonly kind: "chunk" | "index" | "shuffle" | "selection" | "ranges" | "rejected";
  readonly name: string;
  readonly part: number;
  readonly seq: number;
}

/**
 * Bulk data of tables. Writes become visible only through a manifest or a commit that names their token; this port knows
 * nothing about that. A piece is written once and never changed.
 */
export interface TableStore extends AsyncDisposable {
  /** What a chunk of a table holds at most unless the run says otherwise; large pieces are cheap in files, not in databases. */
  readonly chunkSize: ChunkSize;
  /** Pieces of any size; larger ones are cut into segments inside. Resolves when the piece may be read by other processes. */
  write(place: AttemptPlace, pieces: readonly StoredPiece[]): Promise<void>;
  /** Throws TABLE_DAMAGED when the piece is missing or incomplete. The result is the caller's own, 8-byte aligned. */
  read(place: AttemptPlace, piece: Piece): Promise<Uint8Array>;
  /**
   * `count` pieces with the numbers from `first.seq` on, in order; the next ones are on their way while one is used. Throws
   * TABLE_DAMAGED at the first that is missing. The `soon` pieces after them are probably read next through this handle: a store
   * for which every read is dear may read them together.
   */
  readMany(
    place: AttemptPlace,
    first: Piece,
    count: number,
    soon?: number,
  ): AsyncIterable<Uint8Array>;
  /** Makes everything written for the node so far survive a power failure. */
  flush(node: NodePlace): Promise<void>;
  /** Attempts of the node whose tokens are not kept may be deleted; a store may also keep them until the drop. */
  sweep(node: NodePlace, keep: ReadonlySet<string>): Promise<void>;
  /**
   * Removes all data of an incarnation; calling it again is harmless. A node of a ring may take a write for a moment longer, which goes
   * with the tables: the control store has refused its commit since the drop began.
   */
  drop(incarnation: string): Promise<void>;
}

export interface ChunkSize {
  readonly rows: number;
  readonly bytes: number;
}

export interface StoredPiece {
  readonly piece: Piece;
  readonly data: Uint8Array;
}

export interface NodePlace {
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
}
