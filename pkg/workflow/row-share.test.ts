import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchOfRow, rowShare } from "./row-share.ts";

const sizes = {
  rows: fc.integer({ min: 0, max: 2 ** 45 }),
  batches: fc.integer({ min: 1, max: 1_000_000 }),
};

describe("row shares", () => {
  test("shares are adjacent, cover all rows and differ by at most one", () => {
    fc.assert(
      fc.property(sizes.rows, fc.integer({ min: 1, max: 50 }), (rows, batches) => {
        let next = 0;
        for (let batch = 0; batch < batches; batch += 1) {
          const { from, to } = rowShare(rows, batch, batches);
          expect(from).toBe(next);
          expect([Math.floor(rows / batches), Math.ceil(rows / batches)]).toContain(to - from);
          next = to;
        }
        expect(next).toBe(rows);
      }),
    );
  });

  test("the batch of a row is the one whose share holds it", () => {
    fc.assert(
      fc.property(
        sizes.rows,
        sizes.batches,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (rows, batches, at) => {
          fc.pre(rows > 0);
          const row = Math.floor(rows * at);
          const { from, to } = rowShare(rows, batchOfRow(rows, row, batches), batches);
          expect(from <= row && row < to).toBe(true);
        },
      ),
    );
  });

  test("a quotient that rounds up to the next batch is put right", () => {
    const [rows, row, batches] = [7_416_407_079_299_449, 7_242_110_534_244_934, 141_523];
    expect(Math.floor((row / rows) * batches)).toBe(138_197);
    expect(rowShare(rows, 138_197, batches).from).toBeGreaterThan(row);
    expect(batchOfRow(rows, row, batches)).toBe(138_196);
  });
});
