import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalBytes,
  compareValues,
  FIELD_TYPES,
  keyBytes,
  type FieldType,
  type Value,
} from "#pkg/value";

const instant = fc.record({
  ns: fc.oneof(fc.bigInt(-(10n ** 20n), 3n * 10n ** 20n), fc.bigInt(-5n, 5n)),
  offset: fc.integer({ min: -50_000, max: 50_000 }),
  zone: fc.constantFrom("", "UTC", "EST"),
});

/** Small ranges beside large ones, so that equal values and equal beginnings occur. */
const VALUES: { readonly [Type in FieldType]: fc.Arbitrary<Value> } = {
  int: fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-3n, 3n)),
  float: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, 1, -1)),
  decimal2: fc.record({
    digits: fc.oneof(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(-300n, 300n)),
    scale: fc.nat(4),
  }),
  string: fc.string({
    unit: fc.constantFrom("", "\0", "\u0001", "a", "b", "é", "😀", "\uffff"),
    maxLength: 4,
  }),
  bool: fc.boolean(),
  datetime: instant,
};

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return Math.sign(difference);
  }
  return Math.sign(a.length - b.length);
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts));

describe.each(FIELD_TYPES)("values of type %s", (type) => {
  const value = VALUES[type];

  test("compare in a total order", () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(compareValues(type, a, a)).toBe(0);
        expect(compareValues(type, a, b) + compareValues(type, b, a)).toBe(0);
        const [low, middle, high] = [a, b, c].sort((x, y) => compareValues(type, x, y)) as [
          Value,
          Value,
          Value,
        ];
        expect(compareValues(type, low, middle)).toBeLessThanOrEqual(0);
        expect(compareValues(type, low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  test("have keys in the order of the values, reversed when descending", () => {
    fc.assert(
      fc.property(value, value, fc.boolean(), (a, b, descending) => {
        const order = compareValues(type, a, b) * (descending ? -1 : 1);
        const keys = compareBytes(keyBytes(type, a, descending), keyBytes(type, b, descending));
        expect(keys + 0).toBe(order + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("have equal canonical bytes exactly when they are equal", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const isEqual = compareValues(type, a, b) === 0;
        expect(compareBytes(canonicalBytes(type, a), canonicalBytes(type, b)) === 0).toBe(isEqual);
      }),
      { numRuns: 1000 },
    );
  });
});

test("keys of composites keep the order of the components, each in its own direction", () => {
  const component = fc
    .constantFrom(...FIELD_TYPES)
    .chain((type) => fc.tuple(fc.constant(type), fc.boolean(), VALUES[type], VALUES[type]));
  fc.assert(
    fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), (components) => {
      const left = concat(
        ...components.map(([type, descending, a]) => keyBytes(type, a, descending)),
      );
      const right = concat(
        ...components.map(([type, descending, , b]) => keyBytes(type, b, descending)),
      );
      const orders = components.map(
        ([type, descending, a, b]) => compareValues(type, a, b) * (descending ? -1 : 1),
      );
      const order = orders.find((found) => found !== 0) ?? 0;
      expect(compareBytes(left, right)).toBe(order);
    }),
    { numRuns: 1000 },
  );
});

test("representations of one value have one encoding", () => {
  const same = (type: FieldType, a: Value, b: Value): void => {
    expect(canonicalBytes(type, a)).toEqual(canonicalBytes(type, b));
    expect(keyBytes(type, a, false)).toEqual(keyBytes(type, b, false));
  };
  same("float", 0, -0);
  same("decimal2", { digits: 110n, scale: 2 }, { digits: 11n, scale: 1 });
  same("datetime", { ns: 5n, offset: 0, zone: "UTC" }, { ns: 5n, offset: 3600, zone: "" });
});

test("the canonical bytes are fixed for ever, because stored hashes are taken over them", () => {
  const hex = (type: FieldType, value: Value): string =>
    Buffer.from(canonicalBytes(type, value)).toString("hex");
  expect(hex("int", -2n)).toBe("fffffffffffffffe");
  expect(hex("float", 1.5)).toBe("3ff8000000000000");
  expect(hex("float", NaN)).toBe("7ff8000000000000");
  expect(hex("decimal2", { digits: -1280n, scale: 2 })).toBe("0000000180");
  expect(hex("decimal2", { digits: 12800n, scale: 2 })).toBe("000000000080");
  expect(hex("decimal2", { digits: 0n, scale: 2 })).toBe("0000000000");
  expect(hex("string", "é")).toBe("c3a9");
  expect(hex("bool", true)).toBe("01");
  expect(hex("datetime", { ns: -1n, offset: 60, zone: "" })).toBe("ffffffffffffffff3b9ac9ff");
});
