import { expect, test } from "vitest";
import { describeQueue } from "../queue.contract.ts";
import { openEmbeddedQueue } from "./embedded-queue.ts";

describeQueue("embedded", async () => openEmbeddedQueue());

test("equal messages that wait are kept once", async () => {
  await using queue = openEmbeddedQueue();
  const message = { incarnation: "i", run: 1, node: "n", phase: "rows", unit: 1 } as const;
  await queue.publish([message, { ...message }]);
  await queue.publish([message]);
  expect(await queue.depth({})).toBe(1);
});

test("a delayed message is forgotten when the queue is closed while its handler runs", async () => {
  const queue = openEmbeddedQueue();
  await queue.publish([{ incarnation: "i", run: 1, node: "n", phase: "rows", unit: 1 }]);
  const handle = async () => {
    await queue[Symbol.asyncDispose]();
    return { kind: "again", delayMs: 0 } as const;
  };
  await queue.consume(handle, { signal: new AbortController().signal, limit: 1 });
  expect(await queue.depth({})).toBe(0);
});
