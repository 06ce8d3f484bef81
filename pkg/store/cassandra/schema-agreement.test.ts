import { expect, test } from "vitest";
import { isAgreed } from "./schema-agreement.ts";

const view = (...versions: readonly (string | undefined)[]) => ({
  own: "a",
  others: versions.map((version, n) => ({ address: `10.0.0.${n + 2}:9042`, version })),
});
const nobody = (): boolean => false;

test("nodes agree when all that are up tell the same version; what a node that is down told last does not count", () => {
  expect(isAgreed(view(), nobody)).toBe(true);
  expect(isAgreed(view("a", "a"), nobody)).toBe(true);
  expect(isAgreed(view("a", "b"), nobody)).toBe(false);
  expect(isAgreed(view("a", undefined), nobody)).toBe(true);
  expect(isAgreed(view("a", "b"), (address) => address === "10.0.0.3:9042")).toBe(true);
  expect(isAgreed(view("b", "b"), (address) => address === "10.0.0.3:9042")).toBe(false);
});
