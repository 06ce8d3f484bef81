import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFloat } from "#pkg/value";
import { splitFloat } from "./binary-float.ts";

/** Text of a magnitude with `digits` digits after the point by whole-number arithmetic alone. */
function exactFixed(value: number, digits: number): string {
  const { mantissa, exponent } = splitFloat(Math.abs(value));
  const top = mantissa * 10n ** BigInt(digits) * (exponent > 0 ? 1n << BigInt(exponent) : 1n);
  const bottom = exponent < 0 ? 1n << BigInt(-exponent) : 1n;
  let whole = top / bottom;
  const twice = 2n * (top - whole * bottom);
  if (twice > bottom || (twice === bottom && whole % 2n === 1n)) whole += 1n;
  const text = whole.toString().padStart(digits + 1, "0");
  const point = text.length - digits;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + (digits === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`);
}

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.tuple(fc.integer(), fc.nat(20)).map(([top, power]) => top / 2 ** power),
);

describe("fixed form", () => {
  test("is rounded exactly, ties to even", () => {
    fc.assert(
      fc.property(finite, fc.nat(120), (value, digits) => {
        expect(formatFloat(value, "f", digits)).toBe(exactFixed(value, digits));
      }),
      { numRuns: 1000 },
    );
    const fixed = (value: number, digits: number): string => formatFloat(value, "f", digits);
    expect([fixed(2.5, 0), fixed(3.5, 0), fixed(0.25, 1), fixed(0.125, 2)]).toEqual([
      "2",
      "4",
      "0.2",
      "0.12",
    ]);
    expect([fixed(1e21, 0), fixed(-0, 2), fixed(2.675, 2)]).toEqual([
      "1000000000000000000000",
      "-0.00",
      "2.67",
    ]);
  });

  test("without a precision has the fewest digits", () => {
    const values = [1e21, 1.5e300, 1e-7, 1.25e-10, 0.5, -0, 123456789];
    expect(values.map((value) => formatFloat(value, "f", -1))).toEqual([
      "1000000000000000000000",
      `15${"0".repeat(299)}`,
      "0.0000001",
      "0.000000000125",
      "0.5",
      "-0",
      "123456789",
    ]);
  });
});

describe("exponent form", () => {
  test("has the digits of the fixed form of the same magnitude", () => {
    fc.assert(
      fc.property(finite, fc.nat(30), (value, digits) => {
        fc.pre(value !== 0);
        const text = formatFloat(value, "e", digits);
        const [mantissa = "", power = ""] = text.split("e");
        expect(power).toMatch(/^[+-]\d\d+$/);
        const after = digits - Number(power);
        fc.pre(after >= 0);
        const plain = exactFixed(value, after).replace(".", "").replace(/^-?0*/, "");
        expect(mantissa.replace(/[-.]/g, "")).toBe(plain);
      }),
      { numRuns: 500 },
    );
  });

  test("goes to the even neighbour on ties, however many digits are asked for", () => {
    const shown = (value: number, digits: number): string => formatFloat(value, "e", digits);
    expect([shown(2.5, 0), shown(3.5, 0), shown(1.25, 1), shown(9.5, 0)]).toEqual([
      "2e+00",
      "4e+00",
      "1.2e+00",
      "1e+01",
    ]);
    expect(shown(1.5, 105)).toBe(`1.5${"0".repeat(104)}e+00`);
    expect(shown(0, 105)).toBe(`0.${"0".repeat(105)}e+00`);
    expect([shown(25e20, 0), shown(35e20, 0), shown(25e22, 0)]).toEqual([
      "2e+21",
      "4e+21",
      "2e+23",
    ]);
    expect(shown(-1e-7, -1)).toBe("-1e-07");
    expect(formatFloat(2.5, "e", 1, true)).toBe("2.5E+00");
  });
});

test("general form chooses by exponent and drops trailing zeros", () => {
  const shown = (value: number, digits: number): string => formatFloat(value, "g", digits);
  expect([
    shown(123456.789, 0),
    shown(123456.789, 2),
    shown(100, 2),
    shown(100, 3),
    shown(0.00012345, 2),
  ]).toEqual(["1e+05", "1.2e+05", "1e+02", "100", "0.00012"]);
  expect([shown(99999.5, 3), shown(1e6, -1), shown(0.1, 10), shown(0, 3)]).toEqual([
    "1e+05",
    "1e+06",
    "0.1",
    "0",
  ]);
});

test("binary form shows mantissa and power of two", () => {
  expect(formatFloat(1e21, "b", -1)).toBe("7629394531250000p+17");
  expect(formatFloat(-1, "b", -1)).toBe("-4503599627370496p-52");
  expect(formatFloat(0, "b", -1)).toBe("0p-1074");
});

test("hexadecimal form shows the bits, rounded to the precision", () => {
  const shown = (value: number, digits: number): string => formatFloat(value, "x", digits);
  expect([shown(1e6, -1), shown(-0.001, -1), shown(0, -1), shown(1, -1)]).toEqual([
    "0x1.e848p+19",
    "-0x1.0624dd2f1a9fcp-10",
    "0x0p+00",
    "0x1p+00",
  ]);
  expect([
    shown(1.99999, 2),
    shown(1.5, 0),
    shown(2.5, 0),
    shown(1, 20),
    shown(5e-324, -1),
  ]).toEqual(["0x1.00p+01", "0x1p+01", "0x1p+01", "0x1.00000000000000000000p+00", "0x1p-1074"]);
  expect(formatFloat(1e-7, "x", -1, true)).toBe("0X1.AD7F29ABCAF48P-24");
});

test("NaN and infinities have names in every form", () => {
  expect(formatFloat(NaN, "f", 2)).toBe("NaN");
  expect(formatFloat(-Infinity, "x", 2)).toBe("-Inf");
});
