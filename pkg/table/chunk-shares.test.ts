import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BatchChunks, type ChunkShare, type WantedRows } from "./chunk-shares.ts";

/** The same by going through all chunks and their rows. */
function goingThrough(
  chunks: readonly number[],
  dropped: readonly number[],
  { from, to }: WantedRows,
): readonly Pick<ChunkShare, "seq" | "position" | "start" | "low" | "high">[] {
  const shares = [];
  let [position, start] = [0, 0];
  for (const [seq, rows] of chunks.entries()) {
    const gone = dropped.filter((row) => row >= position && row < position + rows).length;
    const [low, high] = [Math.max(0, from - start), Math.min(rows - gone, to - start)];
    if (low < high) shares.push({ seq, position, start, low, high });
    position += rows;
    start += rows - gone;
  }
  return shares;
}

const batches = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 12 }).chain((chunks) => {
  const rows = chunks.reduce((sum, count) => sum + count, 0);
  const dropped = fc.subarray(Array.from({ length: rows }, (_, row) => row));
  return fc.tuple(fc.constant(chunks), dropped, fc.nat(rows + 1), fc.nat(rows + 1));
});

test("a share is the chunks that hold its visible rows, whichever rows were dropped", () => {
  fc.assert(
    fc.property(batches, ([chunks, dropped, a, b]) => {
      const wanted = { from: Math.min(a, b), to: Math.max(a, b) };
      const found = new BatchChunks(chunks, Int32Array.from(dropped)).shares(wanted);
      const told = found.map(({ seq, position, start, low, high }) => ({
        seq,
        position,
        start,
        low,
        high,
      }));
      expect(told).toEqual(goingThrough(chunks, dropped, wanted));
      for (const {
        seq,
        rows,
        position,
        dropped: [first, end],
      } of found) {
        expect(rows).toBe(chunks[seq]);
        const own = dropped.filter((row) => row >= position && row < position + rows);
        expect(dropped.slice(first, end)).toEqual(own);
      }
    }),
  );
});

test("chunks up to a later row are counted, none when they were read already", () => {
  const chunks = new BatchChunks([10, 10, 10, 5], new Int32Array(0));
  expect([11, 20, 21, 30, 31, 35].map((to) => chunks.between(1, to))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(chunks.between(3, 5)).toBe(0);
});
