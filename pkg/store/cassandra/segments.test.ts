import { expect, test } from "vitest";
import { bytesOf, cutIntoSegments, SegmentJoiner, type WholePiece } from "./segments.ts";

const MB = 1 << 20;
const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, at) => at % 251);

test.each([
  [0, 1],
  [1, 1],
  [MB, 1],
  [MB + 1, 2],
  [5 * MB, 5],
])("a piece of %i bytes has %i segments and comes back", (size, count) => {
  const data = bytes(size);
  const segments = cutIntoSegments(data);
  expect(segments).toHaveLength(count);
  const joiner = new SegmentJoiner();
  const whole = segments.map((segment) => joiner.add({ seq: 7, ...segment }));
  expect(whole.slice(0, -1).every((piece) => piece === undefined)).toBe(true);
  const last = whole.at(-1);
  expect(last?.seq).toBe(7);
  const copy = bytesOf(last as WholePiece);
  expect(Buffer.compare(copy, data)).toBe(0);
  expect(copy.byteOffset).toBe(0);
});

test("a piece of which a segment is missing never appears, the one after it does", () => {
  const [first, , third] = cutIntoSegments(bytes(3 * MB));
  const [next] = cutIntoSegments(bytes(10));
  const joiner = new SegmentJoiner();
  expect(joiner.add({ seq: 0, ...first })).toBeUndefined();
  expect(joiner.add({ seq: 0, ...third })).toBeUndefined();
  expect(joiner.add({ seq: 1, ...next })?.seq).toBe(1);
});
