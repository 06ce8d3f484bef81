import * as fc from "fast-check";
import { FIELD_TYPES, type FieldType, type Value } from "#pkg/value";
import type { Column, Rowset, StringColumn } from "../column.ts";
import { columnFrom, valueAt } from "../values.ts";

const MAX_INT64 = 2n ** 63n - 1n;
const MAX_MS = 253_402_300_799_999;

const integers = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -40_000n, max: 40_000n }),
  fc.bigInt({ min: -(2n ** 53n) - 2n, max: 2n ** 53n + 2n }),
  fc.bigInt({ min: -MAX_INT64 - 1n, max: MAX_INT64 }),
);

const small = fc.bigInt({ min: -300n, max: 300n });

/** Texts that fold, texts that do not, equal ones, long ones. */
const texts = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    "A",
    "ä",
    "Ä",
    "ß",
    "a ",
    "Malmö",
    "Malmo",
    "ᾳ",
    "😀",
    "\u0001",
    "\uffff",
  ),
  fc.string({ unit: "grapheme", maxLength: 5 }),
  fc.string({ unit: "binary-ascii", maxLength: 80 }),
);

/** Values as table columns hold them. */
export const VALUES: { readonly [Type in FieldType]: fc.Arbitrary<Value> } = {
  int: integers,
  float: fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, 1e-40, -1e-40, 1.5)),
  decimal2: fc.oneof(small, integers).map((digits) => ({ digits, scale: 2 })),
  string: texts,
  bool: fc.boolean(),
  datetime: fc
    .oneof(
      fc.integer({ min: -MAX_MS, max: MAX_MS }),
      fc.integer({ min: -800_000, max: 80_000 }).map((days) => days * 86_400_000),
      fc.integer({ min: -99_999, max: 99_999 }).map((seconds) => seconds * 1000),
    )
    .map((ms) => ({ ns: BigInt(ms) * 1_000_000n, offset: 0, zone: "UTC" })),
};

/** The same rows as a dictionary with unused and doubled entries. */
export function asDictionary(column: StringColumn): StringColumn {
  const rows = column.offsets.length - 1;
  const values = Array.from({ length: rows }, (_, row) => valueAt(column, row));
  const distinct = [...new Set(values)];
  const entries = columnFrom("string", [
    "unused",
    ...distinct,
    ...distinct,
    "unused too",
  ]) as StringColumn;
  const codes = values.map(
    (value, row) => 1 + distinct.indexOf(value) + (row % 2) * distinct.length,
  );
  return { ...entries, codes: Int32Array.from(codes) };
}

/** The same values in the other form, where the type has one. */
export function otherForm(column: Column): Column {
  if (column.type === "string") return column.codes === undefined ? asDictionary(column) : column;
  if (column.type !== "int" && column.type !== "decimal2") return column;
  return { type: column.type, values: BigInt64Array.from(Array.from(column.values, BigInt)) };
}

export const columnArbitrary = (type: FieldType, rows: number): fc.Arbitrary<Column> =>
  fc
    .tuple(fc.array(VALUES[type], { minLength: rows, maxLength: rows }), fc.boolean())
    .map(([values, other]) =>
      other ? otherForm(columnFrom(type, values)) : columnFrom(type, values),
    );

/** A rowset with a column of each type, some doubled. */
export const rowsetArbitrary: fc.Arbitrary<Rowset> = fc
  .tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.array(fc.constantFrom(...FIELD_TYPES), { maxLength: 6 }),
  )
  .chain(([rows, types]) =>
    fc.tuple(...types.map((type) => columnArbitrary(type, rows))).map((columns) => ({
      rows,
      columns: new Map(columns.map((column, index) => [`f${index}_é`, column])),
    })),
  );

const plainValue = (value: Value): unknown => (Object.is(value, -0) ? 0 : value);

/** Everything the rows say, whatever the form. */
export const contentOf = ({ rows, columns }: Rowset): unknown =>
  Array.from(columns, ([name, column]) => [
    name,
    column.type,
    Array.from({ length: rows }, (_, row) => plainValue(valueAt(column, row))),
  ]);
