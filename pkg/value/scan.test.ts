import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileScan } from "#pkg/value";

const ints = (format: string, ...texts: string[]): unknown[] => {
  const scan = compileScan(format, "int");
  return texts.map((text) => scan?.(text));
};
const floats = (format: string, ...texts: string[]): unknown[] => {
  const scan = compileScan(format, "float");
  return texts.map((text) => scan?.(text));
};

describe("scanning integers", () => {
  test("reads a sign and the longest run of digits, and ignores the rest", () => {
    expect(
      ints("%d", "111", " 111", "111abc", "12.5", "1,000", "0x1F", "010", "-7", "+7", "\t12\n"),
    ).toEqual([111n, 111n, 111n, 12n, 1n, 0n, 10n, -7n, 7n, 12n]);
    expect(ints("%d", "abc", "+", "", "\n12", "9223372036854775808", "\u00a012")).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      12n,
    ]);
  });

  test("every 64-bit integer reads back", () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        expect(ints("%d", String(value))).toEqual([value]);
        expect(ints("%x", value.toString(16))).toEqual([value]);
        expect(ints("%o", value.toString(8))).toEqual([value]);
        expect(ints("%b", value.toString(2))).toEqual([value]);
      }),
    );
  });

  test("%v takes the base from the prefix", () => {
    expect(ints("%v", "0x1F", "010", "0b101", "-0o17", "1_000", "0x_1f", "0", "08")).toEqual([
      31n,
      8n,
      5n,
      -15n,
      1000n,
      31n,
      0n,
      0n,
    ]);
    expect(ints("%v", "0x", "0x_", "1__0", "1_", "x", "-")).toEqual(Array(6).fill(undefined));
  });

  test("%c and %U read a code point", () => {
    expect(ints("%c", "A", "é", "😀", " ")).toEqual([65n, 233n, 128_512n, 32n]);
    expect(ints("a%c", "a")).toEqual([undefined]);
    expect(ints("%U", "U+0041", "0041", "U0041", "U+", "U+-1")).toEqual([
      65n,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("a width limits the characters used", () => {
    expect(ints("%3d", "12345", "-12345", " 12345")).toEqual([123n, -12n, 123n]);
    expect(ints("%0d", "1")).toEqual([undefined]);
    expect(ints("%1c😀", "😀😀")).toEqual([128_512n]);
  });

  test("literal text must match, blanks match blanks or the end", () => {
    expect(ints("value(%d)", "value(111)", "111", "value(111")).toEqual([
      111n,
      undefined,
      undefined,
    ]);
    expect(ints("%d%%", "12%", "12 %", "12")).toEqual([12n, 12n, undefined]);
    expect(ints("%d USD", "12 USD", "12  USD", "12USD", "12 EUR", "12")).toEqual([
      12n,
      12n,
      undefined,
      undefined,
      undefined,
    ]);
    expect(ints("%d ", "12", "12 ", "12x")).toEqual([12n, 12n, undefined]);
    expect(ints(" %d", "12", " 12")).toEqual([undefined, 12n]);
    expect(ints("%d\n x", "12 \n  x", "12 x", "12\nx")).toEqual([12n, undefined, 12n]);
    expect(ints("%d\n", "12", "12\n", "12 y")).toEqual([12n, 12n, undefined]);
    expect(ints("%d \nx", "12\nx")).toEqual([12n]);
  });
});

describe("scanning floats", () => {
  test("reads the longest beginning that looks like a float", () => {
    expect(
      floats("%f", "111.222", "1e3", "1.5abc", "1,000.5", ".5", "5.", "1.2.3", " 1.5 ", "1_0.5"),
    ).toEqual([111.222, 1000, 1.5, 1, 0.5, 5, 1.2, 1.5, 10.5]);
    expect(
      floats("%g", "NaN", "infinity", "-inf", "+Inf", "0x1p-2", "0x1.8P1", "1.5p3", "-2p-1", "0"),
    ).toEqual([NaN, Infinity, -Infinity, Infinity, 0.25, 3, 12, -1, 0]);
    expect(floats("%e", "1e", "abc", "--1", "1e400", "nax", "1p", "1p1_0", "xp1", "1P3")).toEqual(
      Array(9).fill(undefined),
    );
    expect(floats("%5f", "1.23456")).toEqual([1.234]);
    expect(floats("$%f", "$1.5", "1.5")).toEqual([1.5, undefined]);
  });

  test("every double reads back from its text", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(floats("%v", String(value))).toEqual([
          value === 0 && !Object.is(value, -0) ? 0 : Number(String(value)),
        ]);
      }),
    );
  });
});

test("formats without exactly one fitting verb read nothing", () => {
  const formats = [
    "",
    "abc",
    "%",
    "%d,%d",
    "%f",
    "%s",
    "%T",
    "%5.2d",
    "%-5d",
    "%d%",
    "%d%x",
    "%99999999%%d",
  ];
  for (const format of formats) expect(compileScan(format, "int"), format).toBeUndefined();
  for (const format of ["%d", "%x", "%.2f", "%s"])
    expect(compileScan(format, "float")).toBeUndefined();
});
