import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floatToText, isInt64, parseBool, parseFloatText, parseInt64 } from "#pkg/value";
import { bitLength, joinFloat, scaleByPowerOfTwo, splitFloat } from "./binary-float.ts";

const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);

describe("int texts", () => {
  test("the text of every 64-bit integer reads back as itself", () => {
    fc.assert(
      fc.property(int64, (value) => {
        expect(parseInt64(String(value))).toBe(value);
        expect(isInt64(value)).toBe(true);
      }),
    );
  });

  test("a sign and leading zeros are allowed, nothing else is", () => {
    expect(["+5", "-0", "010", "0000000000000000000000012"].map(parseInt64)).toEqual([
      5n,
      0n,
      10n,
      12n,
    ]);
    expect(parseInt64("+0000000000000000000000012")).toBe(12n);
    const texts = ["", "+", "--5", " 1", "1 ", "1_000", "0x1F", "5.", "1e3", "٣", "1\n"];
    for (const text of texts) expect(parseInt64(text), text).toBeUndefined();
  });

  test("numbers outside 64 bits are refused", () => {
    expect(parseInt64("9223372036854775807")).toBe(2n ** 63n - 1n);
    expect(parseInt64("9223372036854775808")).toBeUndefined();
    expect(parseInt64("-9223372036854775808")).toBe(-(2n ** 63n));
    expect(parseInt64("-9223372036854775809")).toBeUndefined();
  });
});

test("exactly twelve texts are bools", () => {
  expect(["1", "t", "T", "TRUE", "true", "True"].every((text) => parseBool(text) === true)).toBe(
    true,
  );
  expect(
    ["0", "f", "F", "FALSE", "false", "False"].every((text) => parseBool(text) === false),
  ).toBe(true);
  for (const text of ["", "yes", "tRUE", " true", "2"]) expect(parseBool(text)).toBeUndefined();
});

describe("float texts", () => {
  test("the default text of every double reads back as itself", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseFloatText(floatToText(value))).toBe(value);
      }),
    );
  });

  test("exponent form is used below 1e-4 and from 1e6 on", () => {
    const values = [
      1e6, 1234567, 1e-5, 999999, 0.0001, 1, 1.5, -0, 0, 1e100, 5e-324, 0.00012, -2e-7,
    ];
    expect(values.map(floatToText)).toEqual([
      "1e+06",
      "1.234567e+06",
      "1e-05",
      "999999",
      "0.0001",
      "1",
      "1.5",
      "-0",
      "0",
      "1e+100",
      "5e-324",
      "0.00012",
      "-2e-07",
    ]);
    expect([NaN, Infinity, -Infinity].map(floatToText)).toEqual(["NaN", "+Inf", "-Inf"]);
  });

  test("decimal, separated, hexadecimal and named forms are read", () => {
    const texts = [
      ".5",
      "5.",
      "1e3",
      "1_000.5_0e1_0",
      "0x1p-2",
      "-0x1.8P+1",
      "0x.8p0",
      "0x_ap1",
      "-0x0p0",
    ];
    expect(texts.map(parseFloatText)).toEqual([
      0.5, 5, 1000, 10005000000000, 0.25, -3, 0.5, 20, -0,
    ]);
    expect(["inf", "+Infinity", "-INF", "NaN"].map(parseFloatText)).toEqual([
      Infinity,
      Infinity,
      -Infinity,
      NaN,
    ]);
    expect(parseFloatText("1e-400")).toBe(0);
  });

  test("other texts, and magnitudes too large, are refused", () => {
    const texts = [
      "",
      ".",
      "1e",
      "1.2.3",
      " 1",
      "1 ",
      "1__0",
      "_1",
      "1_",
      "+nan",
      "0x1",
      "0xp1",
      "in",
      "1,5",
    ];
    for (const text of texts) expect(parseFloatText(text), text).toBeUndefined();
    for (const text of ["1e400", "-1e400", "1_0e400", "0x1p1024", "0x1p99999999999"]) {
      expect(parseFloatText(text), text).toBeUndefined();
    }
  });
});

describe("doubles as mantissa and exponent", () => {
  test("splitting and joining gives the same double", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const { negative, mantissa, exponent } = splitFloat(value);
        const magnitude = joinFloat(mantissa, exponent);
        expect(negative ? -magnitude : magnitude).toBe(value);
      }),
    );
  });

  test("joining rounds to the nearest double as BigInt conversion does", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 200n), (mantissa) => {
        expect(joinFloat(mantissa, 0)).toBe(Number(mantissa));
        expect(bitLength(mantissa + 1n)).toBe((mantissa + 1n).toString(2).length);
      }),
    );
  });

  test("values between the smallest doubles go to the even one", () => {
    expect(joinFloat(3n, -1075)).toBe(2 * 5e-324);
    expect(joinFloat(1n, -1075)).toBe(0);
    expect(joinFloat(5n, -1077)).toBe(5e-324);
    expect(joinFloat(1n, -5000)).toBe(0);
    expect(joinFloat(1n, 1024)).toBe(Infinity);
    expect(joinFloat((1n << 54n) - 1n, 970)).toBe(Infinity);
  });

  test("scaling works beyond the range of single powers of two", () => {
    expect(scaleByPowerOfTwo(4503599627370496, -1074)).toBe(4503599627370496 * 5e-324);
    expect(scaleByPowerOfTwo(2 ** -1000, 2000)).toBe(2 ** 1000);
  });
});
