import {
  hashKeys,
  keyColumns,
  textsOf,
  valueAt,
  columnOf,
  type Column,
  type Rowset,
} from "#pkg/rowset";
import { Fault } from "#pkg/fault";
import { readTable } from "#pkg/table";
import { valueToText, type FieldType } from "#pkg/value";
import type { FoundTable } from "./find-table.ts";
import type { OperatorPorts } from "./ports.ts";
import { checkFields } from "./profile-table.ts";

export interface KeyRequest {
  /** Empty: the unique index of the table. */
  readonly key: readonly string[];
  /** Differences of each sort that are shown with their values. */
  readonly limit: number;
}

/** How the rows of two tables differ, told by key. Equal keys are matched in table order. */
export interface KeyDifferences {
  readonly key: readonly string[];
  readonly same: number;
  readonly changed: number;
  readonly onlyLeft: number;
  readonly onlyRight: number;
  /** Fields that only one side has, or with another type; they are not compared. */
  readonly uncompared: readonly string[];
  readonly changes: readonly RowChange[];
  readonly left: readonly KeyTexts[];
  readonly right: readonly KeyTexts[];
}

type KeyTexts = readonly string[];

interface RowChange {
  readonly key: KeyTexts;
  readonly fields: readonly {
    readonly name: string;
    readonly left: string;
    readonly right: string;
  }[];
}

/** Rows of one side that one pass keeps in memory. */
const ROWS_IN_MEMORY = 250_000;

/**
 * Compares two tables row by row. Memory: the keys of ROWS_IN_MEMORY rows; bigger tables are read several times, each time for
 * another share of the keys. Throws USAGE when there is no key, or not this one.
 */
export async function compareKeys(
  ports: Pick<OperatorPorts, "tables">,
  tables: { readonly left: FoundTable; readonly right: FoundTable },
  request: KeyRequest,
): Promise<KeyDifferences> {
  const { common, uncompared } = sharedFields(tables.left, tables.right);
  const key = keyOf(tables.left, request.key);
  checkFields(
    common.map(({ name }) => name),
    key,
  );
  const most = Math.max(tables.left.manifest.rows, tables.right.manifest.rows);
  const passes = Math.max(1, Math.ceil(most / ROWS_IN_MEMORY));
  const found = new Differences(request.limit);
  for (let pass = 0; pass < passes; pass += 1)
    await comparePass(ports, tables, { common, key, pass, passes, found });
  return { key, uncompared, ...(await shownDifferences(ports, tables, { common, key, found })) };
}

interface NamedType {
  readonly name: string;
  readonly type: FieldType;
}

function sharedFields(
  left: FoundTable,
  right: FoundTable,
): { readonly common: readonly NamedType[]; readonly uncompared: readonly string[] } {
  const isIn = (fields: readonly NamedType[], { name, type }: NamedType): boolean =>
    fields.some((one) => one.name === name && one.type === type);
  const common = left.fields.filter((field) => isIn(right.fields, field));
  const others = [...left.fields, ...right.fields].filter((field) => !isIn(common, field));
  return { common, uncompared: [...new Set(others.map(({ name }) => name))] };
}

function keyOf(table: FoundTable, wanted: readonly string[]): readonly string[] {
  if (wanted.length > 0) return wanted;
  const unique = table.indexes.find((index) => index.unique);
  if (unique !== undefined) return unique.components.map(({ field }) => field);
  throw new Fault("USAGE", "the table has no unique index to compare by", {
    hint: "Name the fields that identify a row with --key.",
  });
}

interface Pass {
  readonly common: readonly NamedType[];
  readonly key: readonly string[];
  readonly pass: number;
  readonly passes: number;
  readonly found: Differences;
}

/** Rows with one key: their positions and two hashes each, in table order; `next` is the first that is not matched. */
interface Rows {
  readonly positions: number[];
  readonly hashes: number[];
  next: number;
}

async function comparePass(
  ports: Pick<OperatorPorts, "tables">,
  { left, right }: { readonly left: FoundTable; readonly right: FoundTable },
  pass: Pass,
): Promise<void> {
  const rows = new Map<string, Rows>();
  for await (const block of rowsOf(ports, left, pass)) for (const row of block) keep(rows, row);
  for await (const block of rowsOf(ports, right, pass))
    for (const row of block) match(rows.get(row.key), row, pass.found);
  for (const { positions, next } of rows.values())
    for (const position of positions.slice(next)) pass.found.onlyLeft.add(position);
}

function keep(rows: Map<string, Rows>, { key, position, hashes }: KeyedRow): void {
  const known = rows.get(key);
  if (known === undefined) {
    rows.set(key, { positions: [position], hashes: [...hashes], next: 0 });
    return;
  }
  known.positions.push(position);
  known.hashes.push(...hashes);
}

function match(known: Rows | undefined, { position, hashes }: KeyedRow, found: Differences): void {
  const at = known?.next ?? 0;
  const other = known?.positions[at];
  if (known === undefined || other === undefined) return found.onlyRight.add(position);
  known.next += 1;
  const isSame = known.hashes[2 * at] === hashes[0] && known.hashes[2 * at + 1] === hashes[1];
  if (isSame) found.same += 1;
  else found.changed.add(other, position);
}

interface KeyedRow {
  readonly key: string;
  readonly position: number;
  /** Over all common fields, in two orders: 64 bits in all. */
  readonly hashes: readonly [number, number];
}

async function* rowsOf(
  { tables }: Pick<OperatorPorts, "tables">,
  { manifest }: FoundTable,
  { common, key, pass, passes }: Pass,
): AsyncGenerator<readonly KeyedRow[]> {
  const columns = common.map(({ name }) => name);
  const types = new Map(common.map(({ name, type }) => [name, type]));
  const parts = key.map((field) => ({
    field,
    type: types.get(field) ?? "string",
    ignoreCase: false,
  }));
  for await (const { from, rowset } of readTable(tables, manifest, { columns })) {
    const shares = hashKeys(keyColumns(rowset, parts), rowset.rows);
    const all = columns.map((name) => columnOf(rowset, name));
    const [first, second] = [hashKeys(all, rowset.rows), hashKeys(all.toReversed(), rowset.rows)];
    const texts = keyTexts(rowset, parts);
    const block: KeyedRow[] = [];
    for (let row = 0; row < rowset.rows; row += 1) {
      if ((shares[row] as number) % passes !== pass) continue;
      const hashes = [first[row] as number, second[row] as number] as const;
      block.push({ key: JSON.stringify(texts(row)), position: from + row, hashes });
    }
    yield block;
  }
}

/** The texts of a key in one row. */
function keyTexts(
  rowset: Rowset,
  parts: readonly { readonly field: string; readonly type: FieldType }[],
): (row: number) => KeyTexts {
  const columns = parts.map(({ field, type }) => textReader(columnOf(rowset, field), type));
  return (row) => columns.map((text) => text(row));
}

function textReader(column: Column, type: FieldType): (row: number) => string {
  if (column.type !== "string") return (row) => valueToText(type, valueAt(column, row));
  const texts = textsOf(column);
  const { codes } = column;
  return (row) => texts[codes === undefined ? row : (codes[row] as number)] as string;
}

/** Positions of differences: all are counted, the first ones kept. */
class Positions {
  readonly #limit: number;
  #kept: (readonly number[])[] = [];
  count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(...positions: readonly number[]): void {
    this.count += 1;
    this.#kept.push(positions);
    if (this.#kept.length > 4 * this.#limit + 100) this.#kept = [...this.first()];
  }

  first(): readonly (readonly number[])[] {
    const inOrder = this.#kept.toSorted((a, b) => (a[0] as number) - (b[0] as number));
    return inOrder.slice(0, this.#limit);
  }
}

class Differences {
  readonly changed: Positions;
  readonly onlyLeft: Positions;
  readonly onlyRight: Positions;
  same = 0;

  constructor(limit: number) {
    this.changed = new Positions(limit);
    this.onlyLeft = new Positions(limit);
    this.onlyRight = new Positions(limit);
  }
}

type Shown = Omit<KeyDifferences, "key" | "uncompared">;

async function shownDifferences(
  ports: Pick<OperatorPorts, "tables">,
  { left, right }: { readonly left: FoundTable; readonly right: FoundTable },
  { common, key, found }: Pick<Pass, "common" | "key" | "found">,
): Promise<Shown> {
  const keysAt = async (table: FoundTable, positions: Positions): Promise<readonly KeyTexts[]> => {
    const keys: KeyTexts[] = [];
    for (const [position] of positions.first()) {
      const row = await rowAt(ports, table, common, position as number);
      keys.push(key.map((name) => row.get(name) as string));
    }
    return keys;
  };
  const changes: RowChange[] = [];
  for (const [leftAt, rightAt] of found.changed.first()) {
    const old = await rowAt(ports, left, common, leftAt as number);
    const now = await rowAt(ports, right, common, rightAt as number);
    const fields = common
      .map(({ name }) => ({ name, left: old.get(name) as string, right: now.get(name) as string }))
      .filter((field) => field.left !== field.right);
    changes.push({ key: key.map((name) => old.get(name) as string), fields });
  }
  return {
    same: found.same,
    changed: found.changed.count,
    onlyLeft: found.onlyLeft.count,
    onlyRight: found.onlyRight.count,
    changes,
    left: await keysAt(left, found.onlyLeft),
    right: await keysAt(right, found.onlyRight),
  };
}

async function rowAt(
  { tables }: Pick<OperatorPorts, "tables">,
  { manifest }: FoundTable,
  fields: readonly NamedType[],
  position: number,
): Promise<ReadonlyMap<string, string>> {
  const row = new Map<string, string>();
  const share = { columns: fields.map(({ name }) => name), from: position, to: position + 1 };
  for await (const { rowset } of readTable(tables, manifest, share))
    for (const { name, type } of fields)
      row.set(name, valueToText(type, valueAt(columnOf(rowset, name), 0)));
  return row;
}
