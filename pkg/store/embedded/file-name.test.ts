import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fileName } from "./file-name.ts";

test.each([
  ["read_orders", "read_orders"],
  ["read orders", "read%20orders"],
  ["..", "%2E%2E"],
  ["a/b", "a%2Fb"],
  ["", "%"],
  ["größe", "gr%C3%B6%C3%9Fe"],
])("%j is kept under the name %s", (text, name) => {
  expect(fileName(text)).toBe(name);
});

test("different texts get different names that every file system takes", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ minLength: 90, maxLength: 400 }),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(fileName(a)).toMatch(/^[A-Za-z0-9_%~-]{1,100}$/);
      expect(fileName(a) === fileName(b)).toBe(a === b);
    }),
  );
});
