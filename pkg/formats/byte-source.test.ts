import { expect, test } from "vitest";
import { ByteSource } from "./byte-source.ts";
import { memoryFile } from "./memory-file.ts";

const text = ({ bytes, start, end }: ByteSource): string =>
  Buffer.from(bytes.subarray(start, end)).toString();

const sourceOf = (content: string): ByteSource =>
  new ByteSource({ file: memoryFile(Buffer.from(content)), from: 0, blockBytes: 64 });

test("a source may have the memory of the one that was released before, and sees nothing of what that read", async () => {
  const first = sourceOf("a,b\n1,2\n3,4\n");
  await first.fill();
  const memory = first.bytes;
  first.release();
  expect(text(first)).toBe("");
  const second = sourceOf("x\n");
  expect(second.bytes).toBe(memory);
  await second.fill();
  expect(text(second)).toBe("x\n");
  expect(second.bytes[second.end]).toBe(10);
  const third = sourceOf("y\n");
  expect(third.bytes).not.toBe(memory);
});

test("memory of another size, or of a window that grew, is not handed on", async () => {
  const first = sourceOf("z".repeat(200));
  const memory = first.bytes;
  await first.fill();
  first.start = 0;
  await first.fill();
  const grown = first.bytes;
  first.release();
  const second = sourceOf("x\n");
  expect(second.bytes).toBe(memory);
  expect(second.bytes).not.toBe(grown);
  second.release();
  expect(
    new ByteSource({ file: memoryFile(Buffer.from("")), from: 0, blockBytes: 32 }).bytes,
  ).not.toBe(memory);
});
