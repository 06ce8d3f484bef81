import { expect, test } from "vitest";
import { ReadAhead, type AheadOptions } from "./read-ahead.ts";
import { bytesOf } from "./segments.ts";
import type { Row } from "./statement.ts";

const KB = 1024;

/** Pieces of that size from 0 on; notes which ones were asked for. */
function pieces(count: number, size: number) {
  const asked: (readonly [from: number, until: number])[] = [];
  const from = (seq: number, wanted: number): AheadOptions => ({
    until: wanted,
    fetch: async (until) => {
      asked.push([seq, until]);
      const numbers = Array.from({ length: Math.min(until, count) - seq }, (_, at) => seq + at);
      return numbers.map((number): Row => ({
        seq: number,
        seg: 0,
        segs: 1,
        data: Buffer.alloc(size, number),
      }));
    },
  });
  return { asked, from };
}

test("pieces that are wanted soon come with one statement, also those asked for while it is on its way", async () => {
  const { asked, from } = pieces(40, KB);
  const ahead = new ReadAhead();
  const first = ahead.read("a", 3, from(3, 8));
  const others = [4, 7].map((seq) => ahead.read("a", seq, from(seq, 8)));
  expect((await first)?.seq).toBe(3);
  expect((await Promise.all(others)).map((piece) => piece?.seq)).toEqual([4, 7]);
  expect(asked).toEqual([[3, 8]]);
  expect(await ahead.read("a", 8)).toBeUndefined();
  expect(await ahead.read("b", 4)).toBeUndefined();
});

test("every reader gets bytes of its own", async () => {
  const { from } = pieces(3, KB);
  const ahead = new ReadAhead();
  const [one, two] = await Promise.all([1, 1].map((seq) => ahead.read("a", seq, from(1, 3))));
  const bytes = bytesOf(one as NonNullable<typeof one>);
  bytes.fill(9);
  expect(bytesOf(two as NonNullable<typeof two>)[0]).toBe(1);
});

test("large pieces are read ahead in smaller numbers", async () => {
  const { asked, from } = pieces(2000, 256 * KB);
  const ahead = new ReadAhead();
  await ahead.read("a", 0, from(0, 1000));
  await ahead.read("a", 100, from(100, 1000));
  expect(asked).toEqual([
    [0, 8],
    [100, 104],
  ]);
});

test("a piece that is not there has to be read on its own, and so has one whose reading failed", async () => {
  const { from } = pieces(2, KB);
  const ahead = new ReadAhead();
  await ahead.read("a", 0, from(0, 5));
  expect(await ahead.read("a", 3, from(3, 5))).toBeUndefined();
  const lost = { until: 9, fetch: () => Promise.reject(new Error("lost")) };
  await expect(ahead.read("b", 0, lost)).rejects.toThrow("lost");
  expect((await ahead.read("b", 0, from(0, 2)))?.seq).toBe(0);
});
