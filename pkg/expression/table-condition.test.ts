import { describe, expect, test } from "vitest";
import { columnFrom, valueAt } from "#pkg/rowset";
import { defaultValue, type FieldType, type Value } from "#pkg/value";
import { compileTableCondition } from "./table-condition.ts";

const TYPES: ReadonlyMap<string, FieldType> = new Map([
  ["qty", "int"],
  ["price", "float"],
  ["name", "string"],
]);
const compile = (text: string) =>
  compileTableCondition(text, { typeOf: (_, name) => TYPES.get(name) });

const QTY = [1n, 2n, 3n];
const COLUMNS = new Map([
  ["qty", columnFrom("int", QTY)],
  ["price", columnFrom("float", [0.5, 1.5, 4])],
  ["name", columnFrom("string", ["a", "b", "c"])],
]);

function holds(text: string, rows = QTY.length): boolean {
  const { aggregates, holds: decide } = compile(text);
  const results = aggregates.map(({ aggregate, inputs, kind }): Value => {
    const accumulators = aggregate?.accumulators(1);
    const vectors = inputs.map(({ name }) => COLUMNS.get(name) as never);
    if (rows > 0) accumulators?.add(new Int32Array(rows), vectors, rows);
    const absent = defaultValue(kind as FieldType);
    return valueAt(accumulators?.results(absent) as never, 0);
  });
  return decide(results);
}

describe("a condition over a table", () => {
  test.each([
    ["sum(w.qty) == 6", true],
    ["sum(w.qty) == 7", false],
    ["count() > 2 && avg(w.price) < 3.0", true],
    ["max(w.qty) - min(w.qty) == 2 || count() == 0", true],
    ["!(sum_if(w.qty, w.price > 1.0) != 5)", true],
    ['string_agg(w.name, ",") == "a,b,c"', true],
    ['strings.ReplaceAll(max(w.name), "c", "x") == "x"', true],
    ["true", true],
    ["float(sum(w.qty)) * 1.5 >= 9.0", true],
    [
      "time.Parse(`2006`, `2001`) > time.Date(2000, time.May, 1, 0, 0, 0, 0, time.UTC) && count() == 3",
      true,
    ],
  ])("%s is %s", (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test("an empty table has zero rows, sums of zero and default extremes", () => {
    expect(holds('count() == 0 && sum(w.qty) == 0 && max(w.name) == ""', 0)).toBe(true);
  });

  test.each([
    ["w.qty > 1", "EXPRESSION_TYPE", "w.qty has no single value for a table", 0],
    ["count() > w.qty", "EXPRESSION_TYPE", "w.qty has no single value for a table", 10],
    ["sum(w.qty)", "EXPRESSION_TYPE", "the result is int, the field is declared bool", 0],
    ["sum(w.nothing) > 1", "EXPRESSION_TYPE", "there is no field w.nothing here", 4],
    ["sum(max(w.qty)) > 1", "EXPRESSION_TYPE", "the aggregate max(…) is allowed only", 4],
    ["sum(w.qty) >", "EXPRESSION_SYNTAX", "", 12],
  ])("%s is refused at its place", (text, code, message, offset) => {
    expect(() => compile(text)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringContaining(message) as string,
        facts: expect.objectContaining({ offset }) as object,
      }) as Error,
    );
  });

  test("a failure that depends on the results is a row fault", () => {
    expect(() => holds("10 / (count() - 3) > 1")).toThrow(
      expect.objectContaining({ code: "EXPRESSION_ROW" }) as Error,
    );
  });
});
