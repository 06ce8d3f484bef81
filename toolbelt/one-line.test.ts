import { expect, test } from "vitest";
import { oneLine } from "./one-line.ts";

test.each([
  ["read: began", 20, "read: began"],
  ["read: began", 11, "read: began"],
  ["read: began", 10, "read: beg…"],
  ["two\r\n  lines", 20, "two lines"],
  ["😀😀😀", 2, "😀…"],
  ["ab", 0, "…"],
])("%j in %i columns is %j", (text, width, shown) => {
  expect(oneLine(text, width)).toBe(shown);
});
