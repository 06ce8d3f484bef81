import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { drained } from "./drained.ts";

const LISTENED = ["drain", "close", "error"] as const;

test("whoever prints waits until a full stream was read, and no longer than it lives", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  await drained(stream);
  stream.write("longer than that");
  const order: string[] = [];
  const waiting = drained(stream).then(() => order.push("drained"));
  await new Promise(setImmediate);
  order.push("read");
  stream.read();
  await waiting;
  expect(order).toEqual(["read", "drained"]);
  stream.write("longer than that");
  const ended = drained(stream);
  stream.destroy();
  await ended;
  await drained(stream);
  // What has ended waits for nothing any more.
  expect(LISTENED.map((event) => stream.listenerCount(event))).toEqual(
    LISTENED.map((event) => new PassThrough().listenerCount(event)),
  );
});
