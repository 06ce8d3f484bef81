import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import {
  compareValues,
  compileCellReader,
  compileCellWriter,
  decimalFromText,
  defaultDateTime,
  isBlank,
  parseDefault,
  valueToText,
  type CellColumn,
  type Decimal,
  type Value,
} from "#pkg/value";

function outcome(column: CellColumn, text: string): unknown {
  try {
    return valueToText(column.type, compileCellReader(column)(text));
  } catch (error) {
    return isFault(error) && error.code === "CELL_INVALID" ? error.facts["code"] : error;
  }
}

describe("reading cells", () => {
  test.each<[CellColumn, string, string]>([
    [{ type: "int" }, "12", "12"],
    [{ type: "int" }, " 12", "E-convert"],
    [{ type: "int" }, " \u0085", "0"],
    [{ type: "int" }, "\ufeff", "E-convert"],
    [{ type: "int", format: "value(%d)" }, "value(12)", "12"],
    [{ type: "int", format: "value(%d)", defaultText: "123" }, "", "123"],
    [{ type: "int", defaultText: "bad" }, "", "E-convert"],
    [{ type: "int", defaultText: "bad" }, "1", "1"],
    [{ type: "int", defaultText: "  " }, " ", "0"],
    [{ type: "int", format: "%f" }, "12", "E-convert"],
    [{ type: "int", format: "%f" }, "", "0"],
    [{ type: "float" }, "1e3", "1000"],
    [{ type: "float", format: "%f" }, "1.5abc", "1.5"],
    [{ type: "decimal2" }, "1.005", "1.01"],
    [{ type: "decimal2" }, "1.005 ", "E-convert"],
    [{ type: "decimal2", format: "%f" }, "1.005kg", "1.01"],
    [{ type: "decimal2", format: "%d" }, "1", "E-convert"],
    [{ type: "decimal2", format: "%f" }, "nan", "E-nan"],
    [{ type: "decimal2", format: "%f" }, "-inf", "E-nan"],
    [{ type: "decimal2", format: "%f", defaultText: "2.345" }, "", "2.35"],
    [{ type: "bool" }, "T", "true"],
    [{ type: "bool" }, "yes", "E-convert"],
    [{ type: "bool", defaultText: "TRUE" }, " ", "true"],
    [{ type: "bool", format: "%t" }, "", "E-format"],
    [{ type: "string" }, "  ", "  "],
    [{ type: "string", format: "" }, "a", "a"],
    [{ type: "int", format: "" }, "12", "12"],
    [{ type: "datetime", format: "" }, "2017", "E-time"],
    [{ type: "string", defaultText: "x" }, "", "x"],
    [{ type: "string", format: "%s" }, "a", "E-format"],
    [{ type: "datetime", format: "2006-01-02" }, "2017-10-02", "2017-10-02 00:00:00 +0000 UTC"],
    [{ type: "datetime", format: "2006-01-02" }, " 2017-10-02", "E-time"],
    [{ type: "datetime" }, "2017-10-02", "E-time"],
    [{ type: "datetime" }, "", "0001-01-01 00:00:00 +0000 UTC"],
    [{ type: "datetime", defaultText: "2017-10-02" }, "", "E-time"],
    [
      { type: "datetime", format: "2006", defaultText: "1999" },
      "",
      "1999-01-01 00:00:00 +0000 UTC",
    ],
  ])("%j reads %j as %s", (column, text, expected) => {
    expect(outcome(column, text)).toBe(expected);
  });

  test("a fault names the text, shortened if it is long, and the format", () => {
    const read = compileCellReader({ type: "int", format: "%d" });
    expect(() => read("abc")).toThrow('"abc" is not an int in the format "%d"');
    expect(() => read("x".repeat(1000))).toThrow(`"${"x".repeat(100)}…"`);
  });
});

describe("writing cells", () => {
  const decimal = (text: string): Decimal => decimalFromText(text) as Decimal;
  const moment = { ns: 981_173_106_789_000_000n, offset: 0, zone: "UTC" };

  test.each<[string, Value, string, string]>([
    ["int", 42n, "%d", "42"],
    ["int", 42n, "%v", "42"],
    ["int", 42n, "%05d", "00042"],
    ["int", 42, "%5d", "   42"],
    ["int", 42, "%d", "42"],
    ["int", 42n, "%s", "%!s(int64=42)"],
    ["float", 2.675, "%.2f", "2.67"],
    ["float", 1e20, "%.3f", "100000000000000000000.000"],
    ["float", 1234567, "%v", "1.234567e+06"],
    ["float", 2, "%d", "%!d(float64=2)"],
    ["decimal2", decimal("12.3"), "%s", "12.30"],
    ["decimal2", decimal("-0.001"), "%s", "0.00"],
    ["decimal2", decimal("12.3"), "%10s", "     12.30"],
    ["decimal2", decimal("12.3"), "%f", "%!f(string=12.30)"],
    ["decimal2", -1230, "%s", "-12.30"],
    ["decimal2", -5n, "%s", "-0.05"],
    ["string", "abc", "%s", "abc"],
    ["string", "abc", "%-5s|", "abc  |"],
    ["string", "abc", "", "%!(EXTRA string=abc)"],
    ["bool", true, "%t", "true"],
    ["bool", false, "%v", "false"],
    ["bool", true, "%s", "%!s(bool=true)"],
    ["datetime", moment, "2006-01-02 15:04:05", "2001-02-03 04:05:06"],
    ["datetime", 981_173_106_789, "15:04:05.000", "04:05:06.789"],
    ["datetime", moment, "", ""],
  ])("a cell of type %s (case %#) is written by its format", (type, value, format, expected) => {
    expect(compileCellWriter(type as CellColumn["type"], format)(value)).toBe(expected);
  });

  const cases: readonly (readonly [CellColumn["type"], fc.Arbitrary<Value>, string])[] = [
    ["int", fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), "%d"],
    ["float", fc.double(), "%v"],
    ["decimal2", fc.bigInt().map((digits) => ({ digits, scale: 2 })), "%s"],
    ["string", fc.string({ minLength: 1 }), "%s"],
    ["bool", fc.boolean(), "%t"],
  ];

  test.each(cases)("a written %s reads back as the same value", (type, value, format) => {
    const write = compileCellWriter(type, format);
    const read = compileCellReader({ type });
    fc.assert(
      fc.property(value, (original) => {
        expect(compareValues(type, read(write(original)), original)).toBe(0);
      }),
    );
  });

  test("a written datetime reads back as the same instant", () => {
    const format = "2006-01-02T15:04:05.000Z07:00";
    const read = compileCellReader({ type: "datetime", format });
    const write = compileCellWriter("datetime", format);
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        expect(read(write(ms))).toEqual({ ns: BigInt(ms) * 1_000_000n, offset: 0, zone: "UTC" });
      }),
    );
  });
});

describe("default_value of a field", () => {
  test("is trimmed and read by type", () => {
    expect(parseDefault("string", " a b ")).toBe("a b");
    expect(parseDefault("int", " 5 ")).toBe(5n);
    expect(parseDefault("int", "5.")).toBeUndefined();
    expect(parseDefault("float", "1e3")).toBe(1000);
    expect(parseDefault("bool", "T")).toBe(true);
    expect(parseDefault("bool", "yes")).toBeUndefined();
    expect(parseDefault("decimal2", "1.239")).toEqual({ digits: 124n, scale: 2 });
    expect(parseDefault("decimal2", "-0.125")).toEqual({ digits: -13n, scale: 2 });
    expect(parseDefault("decimal2", "1.231")).toEqual({ digits: 123n, scale: 2 });
    expect(parseDefault("decimal2", "-1.005")).toEqual({ digits: -101n, scale: 2 });
    expect(parseDefault("decimal2", "0x10")).toBe(undefined);
    expect(parseDefault("decimal2", "0x1p4")).toMatchObject({ digits: 16n });
    for (const text of ["nan", "inf", "1e308", "x"])
      expect(parseDefault("decimal2", text)).toBeUndefined();
    expect(parseDefault("datetime", "1970-01-01T00:00:01.000+00:00")).toEqual({
      ns: 1_000_000_000n,
      offset: 0,
      zone: "UTC",
    });
    expect(parseDefault("datetime", "1970-01-01T00:00:01.000Z")).toBeUndefined();
  });

  test("that is blank means the default of the type", () => {
    expect(parseDefault("int", "")).toBe(0n);
    expect(parseDefault("string", "  ")).toBe("");
    expect(parseDefault("datetime", "\t")).toBe(defaultDateTime);
  });
});

test("white space is Unicode's, with the next-line character and without the byte order mark", () => {
  expect([" \t\r\n\v\f", "\u0085\u00a0\u1680\u2000\u2028\u3000", ""].every(isBlank)).toBe(true);
  expect(["\ufeff", "a", " x ", "\u200b"].some(isBlank)).toBe(false);
});
