import { expect, test } from "vitest";
import { scriptName } from "./script-name.ts";

test("a script is known by its file name without folders and extension", () => {
  expect(["orders.json", "/a/b/orders.v2.yaml", "s3://b/orders"].map(scriptName)).toEqual([
    "orders",
    "orders.v2",
    "orders",
  ]);
});
