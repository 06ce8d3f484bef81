import { expect, test } from "vitest";
import { settledConstants } from "./settled-constants.ts";

const wanted = { chunkRows: 0, chunkBytes: 0, rangeSize: 1, broadcastLimit: 2, partitions: 0 };
const tables = { chunkSize: { rows: 1000, bytes: 92_160 } };

test("a run without a chunk size of its own gets the one of its table store", () => {
  expect(settledConstants(wanted, tables)).toEqual({
    ...wanted,
    chunkRows: 1000,
    chunkBytes: 92_160,
  });
});

test("a chunk size that was asked for is kept", () => {
  expect(settledConstants({ ...wanted, chunkRows: 7 }, tables)).toMatchObject({
    chunkRows: 7,
    chunkBytes: 92_160,
  });
});
