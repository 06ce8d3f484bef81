import { expect, test } from "vitest";
import { defaultThreads, threadMemory } from "./thread-memory.ts";

const MB = 2 ** 20;

test("P8: threads share the memory less what the process needs itself", () => {
  expect(threadMemory(512, 2)).toBe(216 * MB);
  expect(threadMemory(512, 1)).toBe(432 * MB);
  expect(threadMemory(16, 1)).toBe(Math.floor(6.4 * MB));
  expect(threadMemory(128, 4)).toBe(Math.floor(12.8 * MB));
});

test("P8: with little memory there is a thread for each 128 MB, else one a core", () => {
  const threads = (memoryMb: number): number => defaultThreads(16, memoryMb);
  expect([16, 128, 255, 256, 511, 512, 8192].map(threads)).toEqual([1, 1, 1, 2, 3, 16, 16]);
  expect(defaultThreads(2, 500)).toBe(2);
});
