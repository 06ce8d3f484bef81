import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIELD_TYPES, type FieldType, type Value } from "#pkg/value";
import {
  asDictionary,
  columnArbitrary,
  contentOf,
  otherForm,
  rowsetArbitrary,
  VALUES,
} from "./test-support/arbitrary-rowset.ts";
import type { Column, Rowset, StringColumn } from "./column.ts";
import {
  concatColumns,
  concatVectors,
  gatherColumn,
  gatherVector,
  sliceColumn,
  sliceVector,
} from "./columns.ts";
import { columnOf, concatRowsets, gatherRowset, selectColumns, sliceRowset } from "./rowset.ts";
import { compactStrings } from "./compact-strings.ts";
import { columnFrom, constantColumn, valueAt, vectorFrom, vectorRows } from "./values.ts";
import type { Vector } from "./vector.ts";

const valuesOf = (vector: Vector): Value[] =>
  Array.from({ length: vectorRows(vector) }, (_, row) => valueAt(vector, row));

const cutsArbitrary = fc.array(fc.nat(40), { maxLength: 5 });

/** The rowset cut at places; some pieces in the other form. */
function pieces(rowset: Rowset, cuts: readonly number[]): Rowset[] {
  const places = [
    0,
    ...cuts.map((cut) => Math.min(cut, rowset.rows)).toSorted((a, b) => a - b),
    rowset.rows,
  ];
  return places.slice(1).map((to, index) => {
    const piece = sliceRowset(rowset, places[index] as number, to);
    if (index % 2 === 0) return piece;
    const changed = Array.from(
      piece.columns,
      ([name, column]) => [name, otherForm(compact(column))] as const,
    );
    return { rows: piece.rows, columns: new Map(changed) };
  });
}

const compact = (column: Column): Column =>
  column.type === "string" ? compactStrings(column) : column;

describe("rowsets", () => {
  test("concatenating the pieces gives the rowset back", () => {
    fc.assert(
      fc.property(rowsetArbitrary, cutsArbitrary, (rowset, cuts) => {
        expect(contentOf(concatRowsets(pieces(rowset, cuts)))).toEqual(contentOf(rowset));
      }),
    );
  });

  test("gathering is picking rows", () => {
    fc.assert(
      fc.property(rowsetArbitrary, fc.array(fc.nat()), (rowset, picks) => {
        const positions = Int32Array.from(
          rowset.rows === 0 ? [] : picks,
          (pick) => pick % rowset.rows,
        );
        const gathered = gatherRowset(rowset, positions);
        expect(gathered.rows).toBe(positions.length);
        for (const [name, column] of rowset.columns) {
          const expected = Array.from(positions, (position) => valueAt(column, position));
          expect(valuesOf(columnOf(gathered, name))).toEqual(expected);
        }
      }),
    );
  });

  test("gathering a range is slicing", () => {
    fc.assert(
      fc.property(rowsetArbitrary, fc.nat(40), fc.nat(40), (rowset, a, b) => {
        const [from, to] = [Math.min(a, b, rowset.rows), Math.min(Math.max(a, b), rowset.rows)];
        const range = Int32Array.from({ length: to - from }, (_, row) => from + row);
        expect(contentOf(gatherRowset(rowset, range))).toEqual(
          contentOf(sliceRowset(rowset, from, to)),
        );
      }),
    );
  });

  test("concatenating nothing is empty", () => {
    expect(concatRowsets([])).toEqual({ rows: 0, columns: new Map() });
    for (const type of FIELD_TYPES) expect(vectorRows(concatColumns(type, []))).toBe(0);
  });

  test("columns are selected in the order asked for, a missing one is a defect", () => {
    const rowset = {
      rows: 1,
      columns: new Map([
        ["a", columnFrom("int", [1n])],
        ["b", columnFrom("bool", [true])],
      ]),
    };
    expect([...selectColumns(rowset, ["b", "a"]).columns.keys()]).toEqual(["b", "a"]);
    expect(() => selectColumns(rowset, ["c"])).toThrow("no column c among a, b");
  });
});

describe("columns", () => {
  test.each(FIELD_TYPES)("a constant column of %s repeats its value", (type) => {
    fc.assert(
      fc.property(VALUES[type], fc.nat(5), (value, rows) => {
        const expected = valuesOf(
          columnFrom(type, Array.from<Value>({ length: rows }).fill(value)),
        );
        expect(valuesOf(constantColumn(type, value, rows))).toEqual(expected);
      }),
    );
  });

  test("slices of one dictionary share it when concatenated", () => {
    const column = asDictionary(columnFrom("string", ["x", "y", "x", "z"]) as StringColumn);
    const whole = concatColumns("string", [
      sliceColumn(column, 0, 1),
      sliceColumn(column, 1, 4),
    ]) as StringColumn;
    expect(whole.bytes).toBe(column.bytes);
    expect(valuesOf(whole)).toEqual(["x", "y", "x", "z"]);
  });

  test("dictionaries are merged without doubling entries", () => {
    const part = (texts: string[]): StringColumn =>
      asDictionary(columnFrom("string", texts) as StringColumn);
    const parts = [part(["x", "y"]), part(["y", "z"]), part(["z", "z"])];
    const merged = concatColumns("string", parts) as StringColumn;
    expect(valuesOf(merged)).toEqual(["x", "y", "y", "z", "z", "z"]);
    expect(valuesOf({ ...merged, codes: undefined })).toEqual([
      "unused",
      "x",
      "y",
      "unused too",
      "z",
    ]);
  });

  test("compacting strings keeps the rows and drops what they do not use", () => {
    fc.assert(
      fc.property(columnArbitrary("string", 20), fc.nat(20), (column, from) => {
        const slice = sliceColumn(column, from, 20) as StringColumn;
        const small = compactStrings(slice);
        expect(valuesOf(small)).toEqual(valuesOf(slice));
        expect(small.bytes.length).toBe(small.offsets.at(-1));
        expect(small.offsets[0]).toBe(0);
      }),
    );
  });

  test("exact vectors are gathered too", () => {
    const decimals: Vector = {
      type: "decimal2",
      exact: [
        { digits: 1n, scale: 3 },
        { digits: 2n, scale: 3 },
      ],
    };
    const datetimes: Vector = {
      type: "datetime",
      exact: [
        { ns: 1n, offset: 0, zone: "" },
        { ns: 2n, offset: 0, zone: "" },
      ],
    };
    expect(valuesOf(gatherVector(decimals, Int32Array.of(1)))).toEqual([{ digits: 2n, scale: 3 }]);
    expect(valuesOf(gatherVector(datetimes, Int32Array.of(1, 0)))).toEqual(
      datetimes.exact.toReversed(),
    );
    expect(valuesOf(gatherVector(columnFrom("int", [7n]), Int32Array.of(0)))).toEqual([7n]);
  });

  test("long texts are gathered like short ones", () => {
    const long = "long ".repeat(50);
    const column = columnFrom("string", [long, "short", long]);
    expect(valuesOf(gatherColumn(column, Int32Array.of(2, 1)))).toEqual([long, "short"]);
  });

  const types: readonly FieldType[] = ["int", "decimal2"];
  test.each(types)("%s is stored in doubles exactly while all values are safe integers", (type) => {
    const value = (digits: bigint): Value => (type === "int" ? digits : { digits, scale: 2 });
    const form = (digits: bigint): unknown =>
      (columnFrom(type, [value(digits)]) as { values: unknown }).values;
    expect(form(2n ** 53n - 1n)).toBeInstanceOf(Float64Array);
    expect(form(2n ** 53n)).toBeInstanceOf(BigInt64Array);
    expect(form(-(2n ** 53n))).toBeInstanceOf(BigInt64Array);
  });
});

describe("vectors in exact form", () => {
  const exact: Vector = {
    type: "decimal2",
    exact: [
      { digits: 12345n, scale: 4 },
      { digits: 1n, scale: 0 },
    ],
  };
  const times: Vector = { type: "datetime", exact: [{ ns: 1n, offset: 3600, zone: "CET" }] };
  const stored: Vector = { type: "decimal2", values: Float64Array.of(150) };

  test("hold instants so far away that their milliseconds are no exact number", () => {
    const far = { ns: -86_339_053_275_543_000_000_000n, offset: 0, zone: "UTC" };
    expect(valuesOf(vectorFrom("datetime", [far]))).toEqual([far]);
  });

  test("are cut and put together without losing digits or zones", () => {
    expect(valuesOf(sliceVector(exact, 1, 2))).toEqual([{ digits: 1n, scale: 0 }]);
    expect(valuesOf(sliceVector(times, 0, 1))).toEqual(times.exact);
    expect(valuesOf(sliceVector(stored, 0, 1))).toEqual([{ digits: 150n, scale: 2 }]);
    expect(valuesOf(concatVectors("decimal2", [stored, exact]))).toEqual([
      { digits: 150n, scale: 2 },
      ...exact.exact,
    ]);
    expect(valuesOf(concatVectors("datetime", [times, times]))).toEqual([
      ...times.exact,
      ...times.exact,
    ]);
    expect(concatVectors("decimal2", [stored, stored])).toEqual({
      type: "decimal2",
      values: Float64Array.of(150, 150),
    });
  });
});
