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

test("a record longer than a block widens the window while it is there; the window then has its own memory again", async () => {
  const content = `${"a".repeat(1000)}\n${"b\n".repeat(400)}`;
  const source = sourceOf(content);
  const own = source.bytes;
  while (!text(source).includes("\n")) await source.fill();
  expect(source.bytes).not.toBe(own);
  expect(source.bytes.length).toBeLessThan(2000);
  let read = text(source).slice(0, 1001);
  expect(read).toBe(content.slice(0, 1001));
  source.start += 1001;
  while (!source.final) {
    read += text(source);
    source.start = source.end;
    await source.fill();
  }
  expect(source.bytes).toBe(own);
  expect(read + text(source)).toBe(content);
});
