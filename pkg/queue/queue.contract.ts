import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Queue, UnitMessage } from "./queue.ts";

const message = (unit: number, more: Partial<UnitMessage> = {}): UnitMessage => ({
  incarnation: "i1",
  run: 1,
  node: "read",
  phase: "rows",
  unit,
  ...more,
});
const units = (from: number, to: number): UnitMessage[] =>
  Array.from({ length: to - from }, (_, n) => message(from + n));
const DONE = { kind: "done" } as const;

/** What every Queue must do. Messages are hints: only what the port promises is checked, not the order. */
export function describeQueue(name: string, open: () => Promise<Queue>): void {
  describe(`${name}: queue`, () => {
    let queue: Queue;
    beforeEach(async () => {
      queue = await open();
    });
    afterEach(() => queue[Symbol.asyncDispose]());

    /** Consumes until `count` messages were settled. */
    async function takeAll(count: number, limit = 1): Promise<UnitMessage[]> {
      const stop = new AbortController();
      const taken: UnitMessage[] = [];
      const handle = async (next: UnitMessage) => {
        taken.push(next);
        if (taken.length >= count) stop.abort();
        return DONE;
      };
      await queue.consume(handle, { signal: stop.signal, limit });
      return taken;
    }
    const numbers = (taken: readonly UnitMessage[]): number[] =>
      taken.map(({ unit }) => unit).sort((a, b) => a - b);

    test("what is published is handed out, and then it is gone", async () => {
      await queue.publish(units(0, 5));
      expect(await queue.depth({})).toBe(5);
      expect(numbers(await takeAll(5))).toEqual([0, 1, 2, 3, 4]);
      expect(await queue.depth({})).toBe(0);
    });

    test("a consumer that waits is given what is published later", async () => {
      const taken = takeAll(3, 2);
      await queue.publish(units(0, 1));
      await queue.publish(units(1, 3));
      expect(numbers(await taken)).toEqual([0, 1, 2]);
    });

    test("two consumers share the messages", async () => {
      const stop = new AbortController();
      const taken: UnitMessage[] = [];
      const handle = async (next: UnitMessage) => {
        taken.push(next);
        if (taken.length === 20) stop.abort();
        return DONE;
      };
      const consumers = [1, 3].map((limit) =>
        queue.consume(handle, { signal: stop.signal, limit }),
      );
      await queue.publish(units(0, 20));
      await Promise.all(consumers);
      expect(numbers(taken)).toEqual(numbers(units(0, 20)));
    });

    test("no more messages than the limit are in the handler at a time", async () => {
      await queue.publish(units(0, 12));
      const stop = new AbortController();
      let inside = 0;
      let most = 0;
      let handled = 0;
      const handle = async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        handled += 1;
        if (handled === 12) stop.abort();
        return DONE;
      };
      await queue.consume(handle, { signal: stop.signal, limit: 3 });
      expect(most).toBe(3);
    });

    test("a message settled as `again` comes again after the others", async () => {
      await queue.publish(units(0, 2));
      const stop = new AbortController();
      const taken: number[] = [];
      const handle = async ({ unit }: UnitMessage) => {
        taken.push(unit);
        if (taken.length === 3) stop.abort();
        return taken.length === 1 ? ({ kind: "again", delayMs: 1 } as const) : DONE;
      };
      await queue.consume(handle, { signal: stop.signal, limit: 1 });
      expect(new Set(taken)).toEqual(new Set([0, 1]));
      expect(taken[2]).toBe(taken[0]);
    });

    test("a delayed message counts as waiting and is purged", async () => {
      await queue.publish([message(1)]);
      const stop = new AbortController();
      const handle = async () => {
        stop.abort();
        return { kind: "again", delayMs: 60_000 } as const;
      };
      await queue.consume(handle, { signal: stop.signal, limit: 1 });
      expect(await queue.depth({})).toBe(1);
      expect(await queue.purge({ run: 1 })).toBe(1);
      expect(await queue.depth({})).toBe(0);
    });

    test("the signal ends the consumption after the message in hand; an aborted one takes none", async () => {
      await queue.publish(units(0, 3));
      expect(await takeAll(1)).toHaveLength(1);
      const handle = async () => expect.fail("no message was to be handed out");
      await queue.consume(handle, { signal: AbortSignal.abort(), limit: 1 });
      expect(await queue.depth({})).toBe(2);
    });

    test("a handler that throws ends the consumption, and its message stays", async () => {
      await queue.publish(units(0, 3));
      const handle = async () => {
        throw new Error("handler broke");
      };
      const { signal } = new AbortController();
      await expect(queue.consume(handle, { signal, limit: 1 })).rejects.toThrow("handler broke");
      expect(await queue.depth({})).toBe(3);
    });

    test("depth and purge look at the members given, and only at those", async () => {
      await queue.publish([
        message(1),
        message(1, { node: "join" }),
        message(1, { run: 2 }),
        message(1, { incarnation: "i2" }),
        message(1, { phase: "finish" }),
      ]);
      expect(await queue.depth({})).toBe(5);
      expect(await queue.depth({ incarnation: "i1" })).toBe(4);
      expect(await queue.depth({ incarnation: "i1", run: 1 })).toBe(3);
      expect(await queue.depth({ incarnation: "i1", run: 1, node: "read" })).toBe(2);
      expect(await queue.depth({ node: "never seen" })).toBe(0);
      expect(await queue.purge({ incarnation: "i1", run: 1 })).toBe(3);
      expect(await queue.purge({ incarnation: "i1", run: 1 })).toBe(0);
      expect(await queue.depth({})).toBe(2);
      expect(await queue.purge({})).toBe(2);
    });

    test("publishing nothing is harmless", async () => {
      await queue.publish([]);
      expect(await queue.depth({})).toBe(0);
    });

    test("closing ends those who consume; after that it is refused", async () => {
      const { signal } = new AbortController();
      const consumed = queue.consume(async () => DONE, { signal, limit: 2 });
      await queue[Symbol.asyncDispose]();
      await consumed;
      await expect(queue.publish(units(0, 1))).rejects.toMatchObject({ code: "QUEUE_UNAVAILABLE" });
    });
  });
}
