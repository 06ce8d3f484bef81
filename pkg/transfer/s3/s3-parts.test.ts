import { expect, test } from "vitest";
import { sizeOfPart } from "./s3-parts.ts";

const MB = 1024 * 1024;

test("the largest object has fewer parts than a store allows, and memory is four parts or two", () => {
  const sizes = Array.from({ length: 10_000 }, (_, at) => sizeOfPart(at + 1));
  const whole = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(whole).toBeGreaterThan(5 * MB ** 2);
  expect(sizes[0]).toEqual({ bytes: 8 * MB, held: 4 });
  expect(sizes[1000]).toEqual({ bytes: 16 * MB, held: 2 });
  expect(sizes[9998]).toMatchObject({ held: 2 });
});
