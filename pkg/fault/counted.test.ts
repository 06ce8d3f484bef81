import { expect, test } from "vitest";
import { counted } from "./counted.ts";

test("a noun has the number of what it counts", () => {
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(0, "row")).toBe("0 rows");
  expect(counted(2, "batch")).toBe("2 batches");
  expect(counted(1_000, "row", "1,000")).toBe("1,000 rows");
});
