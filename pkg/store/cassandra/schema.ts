import { createHash } from "node:crypto";
import { statement, type Statement } from "./statement.ts";
import { quoted } from "./statement.ts";

interface Table {
  readonly name: string;
  readonly columns: string;
  readonly key: string;
  /** Further properties. */
  readonly with?: string;
}

/** Rows that come and go in one partition: what is deleted twice or comes back once does no harm, so tombstones may go soon. */
const SHORT_GRACE = "gc_grace_seconds = 3600";

/**
 * Tables of the permanent keyspace. `keyspace`, `incarnation`, `run`, `units`, `output` and `decision` are written by conditional
 * statements only (deleting what nobody can reach any more aside); the others hold what is written once or may be written again.
 */
const CONTROL_TABLES: readonly Table[] = [
  {
    name: "keyspace",
    columns: "name text, incarnation text, physical text, state text",
    key: "name",
  },
  {
    name: "incarnation",
    columns: "incarnation text, name text, physical text, state text",
    key: "incarnation",
  },
  // kind run: the run itself; kind node: one row a node that has moved; kind event: by number. `changes` counts transitions
  // of the whole partition and is what each of them expects, `closed` fences a partition whose keyspace is going away.
  {
    name: "run",
    columns:
      "incarnation text, run int, changes int static, events int static, closed boolean static, kind text, name text, number int, version int, inserted text, record text",
    key: "(incarnation, run), kind, name, number",
  },
  // Consecutive units in one row, named by the first of them: records by number, `stamp` counts the writes.
  {
    name: "units",
    columns:
      "incarnation text, run int, node text, phase text, first int, stamp int, records map<int, text>",
    key: "(incarnation, run, node, phase, first)",
  },
  // Hints: which groups of units were claimed from, with the sums of those that are wholly final.
  {
    name: "groups",
    columns:
      "incarnation text, run int, node text, phase text, first int, succeeded int, failed int, rejected bigint",
    key: "(incarnation, run, node, phase), first",
  },
  // Frozen documents under their own hash, manifests under their incarnation and no hash, so that they go with it at once.
  {
    name: "document",
    columns: "scope text, place text, hash text, page int, pages int, data blob",
    key: "(scope, place), hash, page",
  },
  {
    name: "session",
    columns: "bucket int, session text, record text",
    key: "bucket, session",
    with: SHORT_GRACE,
  },
  // Runs that may be running: entered before the run itself, removed after its end.
  {
    name: "active",
    columns: "bucket int, incarnation text, run int",
    key: "bucket, incarnation, run",
    with: SHORT_GRACE,
  },
  {
    name: "output",
    columns: "path text, incarnation text, run int, record text",
    key: "path",
  },
  {
    name: "summary",
    columns: "script text, incarnation text, run int, record text",
    key: "script, incarnation, run",
  },
  // kind id: one row a decision, so that its id is never taken twice; kind number: its place in the order.
  {
    name: "decision",
    columns: "log int, kind text, name text, number int, record text",
    key: "log, kind, name, number",
  },
];

const DATA_TABLES: readonly Table[] = [
  // One partition for each attempt and 1000 numbers of pieces; a piece longer than a segment has several rows.
  {
    name: "piece",
    columns:
      "run int, node text, phase text, unit int, attempt text, bucket int, kind text, name text, part int, seq int, seg int, segs int, data blob",
    key: "(run, node, phase, unit, attempt, bucket), kind, name, part, seq, seg",
  },
];

export const createKeyspace = (keyspace: string, replication: string): Statement =>
  statement(
    `create the keyspace ${keyspace}`,
    `CREATE KEYSPACE IF NOT EXISTS ${quoted(keyspace)} WITH replication = ${replication}`,
  );

/** How a table is made. */
export interface Definition {
  readonly table: string;
  readonly statement: Statement;
}

export const controlTables = (keyspace: string): readonly Definition[] =>
  definitions(keyspace, CONTROL_TABLES);

export const dataTables = (keyspace: string): readonly Definition[] =>
  definitions(keyspace, DATA_TABLES);

const definitions = (keyspace: string, tables: readonly Table[]): readonly Definition[] =>
  tables.map((table) => ({ table: table.name, statement: createTable(keyspace, table) }));

/**
 * The id of the table is given, not drawn: when several processes create it through different nodes at the same time, all
 * nodes end with the same table.
 */
const createTable = (keyspace: string, { name, columns, key, with: more }: Table): Statement =>
  statement(
    `create the table ${keyspace}.${name}`,
    `CREATE TABLE IF NOT EXISTS ${quoted(keyspace)}.${quoted(name)} (${columns}, PRIMARY KEY (${key})) WITH id = ${tableId(keyspace, name)}${more === undefined ? "" : ` AND ${more}`}`,
  );

export const dropKeyspace = (keyspace: string): Statement =>
  statement(`drop the keyspace ${keyspace}`, `DROP KEYSPACE IF EXISTS ${quoted(keyspace)}`);

const NAME_CHARACTERS = 31;

/** Name of the keyspace in Cassandra: readable, and another one for each incarnation, so that late writers meet nothing new. */
export function physicalName(name: string, incarnation: string): string {
  const digest = createHash("sha256").update(`${name}\n${incarnation}`).digest("hex");
  return `${name.slice(0, NAME_CHARACTERS)}_${digest.slice(0, 16)}`;
}

/** Of a table that this program makes. */
export function tableId(keyspace: string, table: string): string {
  const hex = createHash("sha256").update(`${keyspace}.${table}`).digest("hex");
  // A name-based UUID: version 5, variant 1.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
