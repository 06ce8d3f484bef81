import { expect, test } from "vitest";
import { runConstants, settledConstants } from "./run-constants.ts";

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

test("values that are set take the place of defaults", () => {
  expect(runConstants({})).toMatchObject({ chunkRows: 0, rangeSize: 2 ** 26, partitions: 0 });
  expect(runConstants({ chunk_rows: "7", broadcast_limit: "0" })).toEqual({
    ...runConstants({}),
    chunkRows: 7,
    broadcastLimit: 0,
  });
});

test("with little memory only small tables are broadcast, unless a limit is set", () => {
  const limit = (values: Record<string, string>, memoryMb?: number): number =>
    runConstants(values, memoryMb).broadcastLimit;
  expect([limit({}), limit({}, 4096), limit({}, 512)]).toEqual([2 ** 26, 2 ** 26, 2 ** 26]);
  expect([limit({}, 128), limit({}, 1)]).toEqual([2 ** 24, 2 ** 17]);
  expect(limit({ broadcast_limit: "5" }, 128)).toBe(5);
});

test.each([
  [{ chunkRows: "7" }, 'no constant of a run is named "chunkRows"'],
  [{ toString: "7" }, 'no constant of a run is named "toString"'],
  [{ chunk_bytes: "1023" }, "chunk_bytes=1023: a whole number of at least 1024 is needed"],
  [{ partitions: "two" }, "partitions=two: a whole number"],
  [{ range_size: "99999999999999999999" }, "range_size=99999999999999999999: a whole number"],
])("%j is refused", (values, message) => {
  expect(() => runConstants(values)).toThrow(message);
});
