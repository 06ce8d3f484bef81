import { forEachLimit } from "#pkg/async";
import { Fault, isFault } from "#pkg/fault";
import type { AttemptPlace, Piece, StoredPiece, TableStore } from "../tables.ts";
import type { Backend } from "./backend.ts";
import { incarnationOf } from "./control-keyspaces.ts";
import type { Schema } from "./create-schema.ts";
import type { Page } from "./cql.ts";
import { KeptValues } from "./kept-values.ts";
import { dropKeyspace } from "./schema.ts";
import { cutIntoSegments, SegmentJoiner } from "./segments.ts";
import { bucketEnd, readSegments, writeSegment } from "./table-statements.ts";

const WRITES_AT_ONCE = 12;
/** The server counts rows, not bytes, so the number of rows of a page follows from the rows seen. */
const PAGE_BYTES = 4 << 20;
const FIRST_ROWS = 4;
const MOST_ROWS = 64;
/** Of pieces that were the last ones of a read: where batches are small, the next one begins in the same piece. */
const KEPT_BYTES = 1 << 20;

/** Bulk data in one Cassandra keyspace for each incarnation. What no manifest names goes with the keyspace (design 8). */
export class CassandraTables implements TableStore {
  /** A thousand chunks share a partition of the database, which should stay near 100 MB (design 8). */
  readonly chunkSize = { rows: 1000, bytes: 90 * 1024 };
  readonly #backend: Backend;
  readonly #schema: Schema;
  /** Incarnation → its keyspace in Cassandra. */
  readonly #keyspaces = new Map<string, string>();
  #kept = new KeptValues<Uint8Array>(KEPT_BYTES);

  constructor(backend: Backend, schema: Schema) {
    this.#backend = backend;
    this.#schema = schema;
  }

  async write(place: AttemptPlace, pieces: readonly StoredPiece[]): Promise<void> {
    if (pieces.length === 0) return;
    const keyspace = await this.#keyspaceOf(place.incarnation);
    if (keyspace === undefined) throw dropped(place.incarnation);
    const segments = pieces.flatMap(({ piece, data }) =>
      cutIntoSegments(data).map((segment) => writeSegment(keyspace, place, piece, segment)),
    );
    try {
      await forEachLimit(segments, WRITES_AT_ONCE, (segment) => this.#backend.cql.write(segment));
    } catch (error) {
      throw (await this.#isDropped(place.incarnation, error)) ? dropped(place.incarnation) : error;
    }
  }

  async read(place: AttemptPlace, piece: Piece): Promise<Uint8Array> {
    for await (const data of this.readMany(place, piece, 1)) return data;
    throw missing(place, piece);
  }

  async *readMany(place: AttemptPlace, first: Piece, count: number): AsyncGenerator<Uint8Array> {
    const end = first.seq + count;
    const keyspace = await this.#keyspaceOf(place.incarnation);
    if (keyspace === undefined) throw missing(place, first);
    let expected = first.seq;
    const kept = this.#kept.get(nameOf(place, first));
    if (kept !== undefined) {
      expected += 1;
      yield kept.slice();
    }
    while (expected < end) {
      const from = { ...first, seq: expected };
      const until = Math.min(end, bucketEnd(expected));
      for await (const { seq, data } of this.#pieces(keyspace, place, { from, until })) {
        if (seq !== expected) break;
        expected += 1;
        if (expected === end) this.#keep(place, { ...first, seq }, data);
        yield data;
      }
      if (expected < until) throw missing(place, { ...first, seq: expected });
    }
  }

  /** Copies, because what is handed out is its reader's own. */
  #keep(place: AttemptPlace, piece: Piece, data: Uint8Array): void {
    if (data.length <= KEPT_BYTES) this.#kept.keep(nameOf(place, piece), data.slice(), data.length);
  }

  /** A page is on its way while the one before is used. */
  async *#pieces(
    keyspace: string,
    place: AttemptPlace,
    { from, until }: { readonly from: Piece; readonly until: number },
  ) {
    const statement = readSegments(keyspace, place, from, until);
    const joiner = new SegmentJoiner();
    const fetch = async (rows: number, state: string | undefined): Promise<Page> => {
      try {
        return await this.#backend.cql.page(statement, rows, state);
      } catch (error) {
        throw (await this.#isDropped(place.incarnation, error)) ? missing(place, from) : error;
      }
    };
    // One row more than is wanted, so that the first page of a few pieces is known to be the last one.
    const first = Math.min(FIRST_ROWS, until - from.seq) + 1;
    let next: Promise<Page> | undefined = fetch(first, undefined);
    while (next !== undefined) {
      const page: Page = await next;
      next = page.next === undefined ? undefined : fetch(rowsOfNext(page), page.next);
      // Whoever stops reading does not wait for the page that is on its way.
      next?.catch(() => undefined);
      for (const row of page.rows) {
        const piece = joiner.add(row);
        if (piece !== undefined) yield piece;
      }
    }
  }

  /** Every write is in the commit log of a quorum when it is answered. */
  async flush(): Promise<void> {}

  /** Deleting would leave more behind than it takes away, see DECISIONS. */
  async sweep(): Promise<void> {}

  async drop(incarnation: string): Promise<void> {
    const found = await incarnationOf(this.#backend, incarnation);
    this.#keyspaces.delete(incarnation);
    this.#kept = new KeptValues(KEPT_BYTES);
    if (found !== undefined) await this.#schema.run(dropKeyspace(found.physical));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #keyspaceOf(incarnation: string): Promise<string | undefined> {
    const known = this.#keyspaces.get(incarnation);
    if (known !== undefined) return known;
    const found = await incarnationOf(this.#backend, incarnation);
    if (found !== undefined) this.#keyspaces.set(incarnation, found.physical);
    return found?.physical;
  }

  /** A refused statement of a keyspace that is no longer there. */
  async #isDropped(incarnation: string, error: unknown): Promise<boolean> {
    if (!isFault(error) || error.code !== "CLUSTER_REFUSED") return false;
    const keyspace = this.#keyspaces.get(incarnation);
    this.#keyspaces.delete(incarnation);
    return keyspace === undefined || !(await this.#schema.exists(keyspace));
  }
}

function nameOf(place: AttemptPlace, { kind, name, part, seq }: Piece): string {
  const { incarnation, run, node, phase, unit, token } = place;
  return JSON.stringify([incarnation, run, node, phase, unit, token, kind, name, part, seq]);
}

function rowsOfNext({ rows }: Page): number {
  const bytes = rows.reduce((sum, row) => sum + (row["data"] as Buffer).length, 0);
  const each = Math.max(1, bytes / Math.max(1, rows.length));
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(PAGE_BYTES / each)));
}

const dropped = (incarnation: string): Fault =>
  new Fault("KEYSPACE_MISSING", `the keyspace of ${incarnation} was dropped`, {
    facts: { incarnation },
  });

const missing = (place: AttemptPlace, piece: Piece): Fault =>
  new Fault(
    "TABLE_DAMAGED",
    `piece ${piece.kind} ${piece.seq} of node ${place.node}, run ${place.run}, is missing`,
    { facts: { ...place, ...piece } },
  );
