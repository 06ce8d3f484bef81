import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDecimals,
  compareDecimals,
  decimalFromCents,
  decimalFromFloat,
  decimalFromText,
  decimalToCents,
  decimalToFixed,
  decimalToFloat,
  decimalToText,
  centsToFixed,
  divideDecimals,
  multiplyDecimals,
  negateDecimal,
  roundDecimal,
  subtractDecimals,
  type Decimal,
} from "#pkg/value";
import { trimDecimal } from "./decimal.ts";

const decimal = fc.record({
  digits: fc.oneof(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(-1000n, 1000n)),
  scale: fc.nat(25),
});

const read = (text: string): Decimal => {
  const value = decimalFromText(text);
  if (value === undefined) throw new Error(`${text} is no decimal`);
  return value;
};

/** A fraction: the oracle of the laws. */
interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}
const rational = ({ digits, scale }: Decimal): Rational => ({
  top: digits,
  bottom: 10n ** BigInt(scale),
});
const same = (a: Rational, b: Rational): boolean => a.top * b.bottom === b.top * a.bottom;

/** top / bottom × 10^digits, halves away from zero, by way of the doubled magnitude. */
function rounded({ top, bottom }: Rational, digits: number): Rational {
  const negative = top < 0n !== bottom < 0n;
  const [magnitude, unit] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  const shifted = (2n * magnitude * 10n ** BigInt(digits) + unit) / (2n * unit);
  return { top: negative ? -shifted : shifted, bottom: 10n ** BigInt(digits) };
}

describe("decimal arithmetic", () => {
  test("sums, differences and products are exact", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [x, y] = [rational(a), rational(b)];
        const bottom = x.bottom * y.bottom;
        const [left, right] = [x.top * y.bottom, y.top * x.bottom];
        expect(same(rational(addDecimals(a, b)), { top: left + right, bottom })).toBe(true);
        expect(same(rational(subtractDecimals(a, b)), { top: left - right, bottom })).toBe(true);
        expect(same(rational(multiplyDecimals(a, b)), { top: x.top * y.top, bottom })).toBe(true);
      }),
    );
  });

  test("quotients are rounded to 16 digits, halves away from zero", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        fc.pre(b.digits !== 0n);
        const [x, y] = [rational(a), rational(b)];
        const exact = { top: x.top * y.bottom, bottom: x.bottom * y.top };
        expect(same(rational(divideDecimals(a, b) as Decimal), rounded(exact, 16))).toBe(true);
      }),
    );
    expect(decimalToText(divideDecimals(read("1"), read("3")) as Decimal)).toBe(
      "0.3333333333333333",
    );
    expect(decimalToText(divideDecimals(read("-2"), read("3")) as Decimal)).toBe(
      "-0.6666666666666667",
    );
    expect(divideDecimals(read("1"), read("0.00"))).toBeUndefined();
  });

  test("comparison is by value and agrees with subtraction", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const difference = subtractDecimals(a, b).digits;
        const sign = difference === 0n ? 0 : difference < 0n ? -1 : 1;
        expect(compareDecimals(a, b)).toBe(sign);
        expect(compareDecimals(b, a) + sign).toBe(0);
      }),
    );
    expect(compareDecimals(read("1.10"), read("1.1"))).toBe(0);
  });

  test("rounding is half away from zero and never invents digits", () => {
    fc.assert(
      fc.property(decimal, fc.nat(6), (a, digits) => {
        expect(same(rational(roundDecimal(a, digits)), rounded(rational(a), digits))).toBe(true);
      }),
    );
    const texts = ["1.005", "-1.005", "0.025", "2.345", "1.1"];
    expect(texts.map((text) => decimalToText(roundDecimal(read(text), 2)))).toEqual([
      "1.01",
      "-1.01",
      "0.03",
      "2.35",
      "1.1",
    ]);
  });

  test("negation is exact and undone by itself", () => {
    expect(negateDecimal(read("1.005"))).toEqual(read("-1.005"));
    fc.assert(
      fc.property(decimal, (a) => {
        expect(negateDecimal(negateDecimal(a))).toEqual(a);
      }),
    );
  });

  test("trimming leaves one form for equal values", () => {
    fc.assert(
      fc.property(decimal, fc.nat(20), ({ digits, scale }, zeros) => {
        const longer = { digits: digits * 10n ** BigInt(zeros), scale: scale + zeros };
        expect(trimDecimal(longer)).toEqual(trimDecimal({ digits, scale }));
      }),
    );
  });

  test("hundredths go there and back", () => {
    fc.assert(
      fc.property(fc.bigInt(), (cents) => {
        expect(decimalToCents(decimalFromCents(cents))).toBe(cents);
      }),
    );
    expect(decimalToCents(read("1.005"))).toBe(101n);
    expect(decimalToCents(read("7"))).toBe(700n);
    expect(decimalFromCents(125)).toEqual({ digits: 125n, scale: 2 });
  });

  test("very large scales are computed without keeping their powers", () => {
    const tiny = read("1e-1000");
    expect(decimalToCents(addDecimals(tiny, read("1")))).toBe(100n);
  });
});

describe("decimal texts", () => {
  test("a decimal text reads back as the same value", () => {
    fc.assert(
      fc.property(decimal, (a) => {
        expect(compareDecimals(read(decimalToText(a)), a)).toBe(0);
        expect(compareDecimals(read(decimalToFixed(a, 25)), a)).toBe(0);
      }),
    );
  });

  test("the default text has no exponent, no trailing zeros and no negative zero", () => {
    const texts = ["12.30", "12.00", "1e3", "-0.50", "-0", ".5", "5.", "+1.5E-3", "0.00", "100"];
    expect(texts.map((text) => decimalToText(read(text)))).toEqual([
      "12.3",
      "12",
      "1000",
      "-0.5",
      "0",
      "0.5",
      "5",
      "0.0015",
      "0",
      "100",
    ]);
  });

  test("texts that are no decimals are refused", () => {
    const texts = [
      "",
      ".",
      "-",
      "1_0",
      " 1",
      "1 ",
      "1,5",
      "nan",
      "inf",
      "0x1",
      "1e",
      "e5",
      "1e1.5",
    ];
    for (const text of texts) expect(decimalFromText(text), text).toBeUndefined();
    expect(decimalFromText("1e100001")).toBeUndefined();
    expect(decimalFromText("1e-99999999999")).toBeUndefined();
    expect(decimalFromText("1e100000")?.digits).toBe(10n ** 100000n);
  });

  test("fixed text has exactly the digits asked for", () => {
    const fixed = (text: string, digits: number): string => decimalToFixed(read(text), digits);
    expect(["12.3", "12", "1.005", "-0.001", "-1.005"].map((text) => fixed(text, 2))).toEqual([
      "12.30",
      "12.00",
      "1.01",
      "0.00",
      "-1.01",
    ]);
    expect(fixed("2.5", 0)).toBe("3");
  });

  test("hundredths print alike as number and as bigint", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (cents) => {
        const text = decimalToFixed(decimalFromCents(cents), 2);
        expect(centsToFixed(cents)).toBe(text);
        expect(centsToFixed(BigInt(cents))).toBe(text);
      }),
    );
  });
});

describe("decimals and doubles", () => {
  test("a finite double becomes the decimal of its shortest text and comes back", () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        const exact = decimalFromFloat(value) as Decimal;
        expect(decimalToFloat(exact)).toBe(value === 0 ? 0 : value);
      }),
    );
    expect(decimalToText(decimalFromFloat(0.1 + 0.2) as Decimal)).toBe("0.30000000000000004");
    expect(decimalToText(decimalFromFloat(1e21) as Decimal)).toBe("1000000000000000000000");
  });

  test("NaN and infinities are no decimals", () => {
    for (const value of [NaN, Infinity, -Infinity]) expect(decimalFromFloat(value)).toBeUndefined();
  });

  test("a decimal becomes the nearest double", () => {
    fc.assert(
      fc.property(decimal, (a) => {
        expect(decimalToFloat(a)).toBe(Number(`${a.digits}e-${a.scale}`));
      }),
    );
  });
});
