import { forEachLimit } from "#pkg/async";
import { Fault, isFault } from "#pkg/fault";
import type { AttemptPlace, Piece, StoredPiece, TableStore } from "../tables.ts";
import type { Backend } from "./backend.ts";
import { incarnationOf } from "./control-keyspaces.ts";
import type { Schema } from "./create-schema.ts";
import type { Page } from "./cql.ts";
import { ReadAhead } from "./read-ahead.ts";
import { dropKeyspace } from "./schema.ts";
import { bytesOf, cutIntoSegments, SegmentJoiner, type WholePiece } from "./segments.ts";
import type { Row } from "./statement.ts";
import { bucketEnd, readSegments, writeSegment } from "./table-statements.ts";
import { UNHEARD_MS, untilHeard } from "./until-heard.ts";

const WRITES_AT_ONCE = 12;
/** The server counts rows, not bytes, so the number of rows of a page follows from the rows seen. */
const PAGE_BYTES = 4 << 20;
const FIRST_ROWS = 4;
const MOST_ROWS = 64;

/** Bulk data in one Cassandra keyspace for each incarnation. What no manifest names goes with the keyspace (design 8). */
export class CassandraTables implements TableStore {
  /** A thousand chunks share a partition of the database, which should stay near 100 MB (design 8). */
  readonly chunkSize = { rows: 1000, bytes: 90 * 1024 };
  readonly #backend: Backend;
  readonly #schema: Pick<Schema, "run" | "exists">;
  /** Incarnation → its keyspace in Cassandra. */
  readonly #keyspaces = new Map<string, string>();
  readonly #ahead = new ReadAhead();
  readonly #unheardMs: number;

  /** `unheardMs`: how long a node may refuse a table that is there. */
  constructor(backend: Backend, schema: Pick<Schema, "run" | "exists">, unheardMs = UNHEARD_MS) {
    this.#backend = backend;
    this.#schema = schema;
    this.#unheardMs = unheardMs;
  }

  async write(place: AttemptPlace, pieces: readonly StoredPiece[]): Promise<void> {
    if (pieces.length === 0) return;
    const keyspace = await this.#keyspaceOf(place.incarnation);
    if (keyspace === undefined) throw dropped(place.incarnation);
    const segments = pieces.flatMap(({ piece, data }) =>
      cutIntoSegments(data).map((segment) => writeSegment(keyspace, place, piece, segment)),
    );
    try {
      await forEachLimit(segments, WRITES_AT_ONCE, (segment) =>
        this.#heardBy(place.incarnation, () => this.#backend.cql.write(segment)),
      );
    } catch (error) {
      const isDropped = await this.#isDropped(place.incarnation, error);
      throw isDropped ? dropped(place.incarnation, error) : error;
    }
  }

  async read(place: AttemptPlace, piece: Piece): Promise<Uint8Array> {
    for await (const data of this.readMany(place, piece, 1)) return data;
    throw missing(place, piece);
  }

  async *readMany(
    place: AttemptPlace,
    first: Piece,
    count: number,
    soon = 0,
  ): AsyncGenerator<Uint8Array> {
    const end = first.seq + count;
    const keyspace = await this.#keyspaceOf(place.incarnation);
    if (keyspace === undefined) throw missing(place, first);
    const attempt = { keyspace, place };
    let expected = first.seq;
    for (; expected < end; expected += 1) {
      const piece = await this.#readAhead(attempt, { ...first, seq: expected }, [end, soon]);
      if (piece === undefined) break;
      yield bytesOf(piece);
    }
    for (let of: Replicas = "quorum"; expected < end;) {
      const from = { ...first, seq: expected };
      const until: number = of === "all" ? expected + 1 : Math.min(end, bucketEnd(expected));
      for await (const piece of this.#pieces({ ...attempt, of }, from, until)) {
        if (piece.seq !== expected) break;
        expected += 1;
        yield bytesOf(piece);
      }
      if (expected === from.seq && of === "all") throw missing(place, from);
      of = expected < until ? "all" : "quorum";
    }
  }

  /** `soon` pieces from `end` on are wanted soon. */
  #readAhead(
    attempt: StoredAttempt,
    piece: Piece,
    [end, soon]: readonly [end: number, soon: number],
  ): Promise<WholePiece | undefined> {
    const fetch = async (until: number): Promise<readonly Row[]> =>
      (await this.#page(attempt, piece, { until, rows: until - piece.seq })).rows;
    const until = Math.min(end + soon, bucketEnd(piece.seq));
    const options = soon === 0 ? undefined : { until, fetch };
    return this.#ahead.read(nameOf(attempt.place, piece), piece.seq, options);
  }

  /** A page is on its way while the one before is used. */
  async *#pieces(attempt: StoredAttempt, from: Piece, until: number): AsyncGenerator<WholePiece> {
    const joiner = new SegmentJoiner();
    // One row more than is wanted, so that the first page of a few pieces is known to be the last one.
    const rows = Math.min(FIRST_ROWS, until - from.seq) + 1;
    let next: Promise<Page> | undefined = this.#page(attempt, from, { until, rows });
    while (next !== undefined) {
      const page: Page = await next;
      next =
        page.next === undefined
          ? undefined
          : this.#page(attempt, from, { until, rows: rowsOfNext(page), state: page.next });
      // Whoever stops reading does not wait for the page that is on its way.
      next?.catch(() => undefined);
      for (const row of page.rows) {
        const piece = joiner.add(row);
        if (piece !== undefined) yield piece;
      }
    }
  }

  async #page(attempt: StoredAttempt, from: Piece, page: PageOptions): Promise<Page> {
    const { keyspace, place } = attempt;
    const statement = readSegments(keyspace, place, from, page.until);
    const { cql } = this.#backend;
    const send = (): Promise<Page> =>
      attempt.of === "all"
        ? cql.pageOfAll(statement, page.rows, page.state)
        : cql.page(statement, page.rows, page.state);
    try {
      return await this.#heardBy(place.incarnation, send);
    } catch (error) {
      if (await this.#isDropped(place.incarnation, error)) throw missing(place, from, error);
      throw attempt.of === "all" ? undecided(place, from, error) : error;
    }
  }

  /** Every write is in the commit log of a quorum when it is answered. */
  async flush(): Promise<void> {}

  /** Deleting would leave more behind than it takes away, see DECISIONS. */
  async sweep(): Promise<void> {}

  async drop(incarnation: string): Promise<void> {
    const found = await incarnationOf(this.#backend, incarnation);
    this.#keyspaces.delete(incarnation);
    this.#ahead.forget();
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

  /** A statement that a node refuses because it has not heard of the table is sent again while the table is there. */
  #heardBy<T>(incarnation: string, send: () => Promise<T>): Promise<T> {
    return untilHeard(send, () => this.#isThere(incarnation), this.#unheardMs);
  }

  /** Nobody is dropping it, and at least one node has its tables. */
  async #isThere(incarnation: string): Promise<boolean> {
    const found = await incarnationOf(this.#backend, incarnation);
    return found?.state === "live" && (await this.#schema.exists(found.physical));
  }

  /** A refused statement of a keyspace that is no longer there. */
  async #isDropped(incarnation: string, error: unknown): Promise<boolean> {
    if (!isFault(error) || error.code !== "CLUSTER_REFUSED") return false;
    this.#keyspaces.delete(incarnation);
    return !(await this.#isThere(incarnation));
  }
}

/** Who is asked: a piece that a quorum does not have is looked for on all nodes before it is called missing. */
type Replicas = "quorum" | "all";

interface StoredAttempt {
  readonly keyspace: string;
  readonly place: AttemptPlace;
  readonly of?: Replicas;
}

interface PageOptions {
  readonly until: number;
  readonly rows: number;
  readonly state?: string;
}

/** Of everything that differs from the piece in its number only. */
function nameOf(place: AttemptPlace, { kind, name, part }: Piece): string {
  const { incarnation, run, node, phase, unit, token } = place;
  return JSON.stringify([incarnation, run, node, phase, unit, token, kind, name, part]);
}

function rowsOfNext({ rows }: Page): number {
  const bytes = rows.reduce((sum, row) => sum + (row["data"] as Buffer).length, 0);
  const each = Math.max(1, bytes / Math.max(1, rows.length));
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(PAGE_BYTES / each)));
}

const dropped = (incarnation: string, cause?: unknown): Fault =>
  new Fault("KEYSPACE_MISSING", `the keyspace of ${incarnation} was dropped`, {
    ...causeOf(cause),
    facts: { incarnation },
  });

const causeOf = (cause: unknown): { readonly cause?: unknown } =>
  cause === undefined ? {} : { cause };

const nameFor = (place: AttemptPlace, piece: Piece): string =>
  `piece ${piece.kind} ${piece.seq} of node ${place.node}, run ${place.run},`;

/** `cause`: why nobody can have it; none when all who could have it were asked. */
const missing = (place: AttemptPlace, piece: Piece, cause?: unknown): Fault =>
  new Fault("TABLE_DAMAGED", `${nameFor(place, piece)} is missing`, {
    ...causeOf(cause),
    facts: { ...place, ...piece },
  });

/** While a node is away it may be the one that has the piece, so nothing is damaged yet: whoever reads waits, as without a quorum. */
function undecided(place: AttemptPlace, piece: Piece, cause: unknown): unknown {
  if (!isFault(cause) || !cause.retryable) return cause;
  return new Fault(
    cause.code,
    `a quorum does not have ${nameFor(place, piece)} and not all of its nodes answer: ${cause.message}`,
    { cause, retryable: true, facts: { ...cause.facts, ...place, ...piece }, hint: ALL_NODES },
  );
}

const ALL_NODES =
  "Start the nodes of Cassandra that are away: one of them may have it. With all of them up it is read or called missing.";
