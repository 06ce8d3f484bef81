import { connect, type ChannelModel } from "amqplib";
import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { withService } from "../../../test/support/services.ts";
import { until } from "../../../test/support/until.ts";
import { describeQueue } from "../queue.contract.ts";
import type { UnitMessage } from "../queue.ts";
import { openRabbitQueue, type RabbitQueue } from "./index.ts";
import { queueNames } from "./topology.ts";

const DONE = { kind: "done" } as const;
const message = (unit: number): UnitMessage => ({
  incarnation: "i1",
  run: 1,
  node: "read",
  phase: "rows",
  unit,
});

withService("rabbit", ({ url, series }) => {
  const open = (queue: string): Promise<RabbitQueue> =>
    openRabbitQueue({ url, queue, mustConnect: true, random: Math.random });

  const forget = async (queue: string): Promise<void> => {
    const model = await connect(url);
    const channel = await model.createChannel();
    const { work, dead, pauses } = queueNames(queue);
    for (const name of [work, dead, ...pauses]) await channel.deleteQueue(name);
    await model.close();
  };

  /** A queue of the test alone; it is gone with the test. */
  async function ownQueue(): Promise<{ readonly queue: RabbitQueue; readonly name: string }> {
    const name = `test.${randomUUID()}`;
    const queue = await open(name);
    onTestFinished(async () => {
      await queue[Symbol.asyncDispose]();
      await forget(name);
    });
    return { queue, name };
  }

  async function rawConnection(): Promise<ChannelModel> {
    const model = await connect(url);
    onTestFinished(() => model.close());
    return model;
  }

  describeQueue(`RabbitMQ ${series}`, async () => {
    const name = `contract.${randomUUID()}`;
    const queue = await open(name);
    return {
      ...bound(queue),
      async [Symbol.asyncDispose]() {
        await queue[Symbol.asyncDispose]();
        await forget(name);
      },
    };
  });

  test("T-23 a message bounced 50 times through the pause queues is still there", async () => {
    const { queue } = await ownQueue();
    await queue.publish([message(1)]);
    const stop = new AbortController();
    let bounces = 0;
    const handle = async () => {
      bounces += 1;
      if (bounces > 50) stop.abort();
      return { kind: "again", delayMs: 20 } as const;
    };
    await queue.consume(handle, { signal: stop.signal, limit: 1 });
    expect(bounces).toBe(51);
    expect(await queue.depth({})).toBe(1);
  }, 60_000);

  test("what is looked at again and again stays: no series of the broker counts a look as an attempt to deliver", async () => {
    const { queue } = await ownQueue();
    await queue.publish([message(1), message(2), message(3)]);
    for (let look = 0; look < 22; look += 1) expect(await queue.depth({ run: 1 })).toBe(3);
    expect(await queue.purge({ run: 2 })).toBe(0);
    expect(await queue.depth({})).toBe(3);
  }, 60_000);

  test("what is no message is set apart and the others are handed out", async () => {
    const { queue, name } = await ownQueue();
    const model = await rawConnection();
    const channel = await model.createConfirmChannel();
    const texts = [
      "",
      "{",
      "7",
      '{"run":1}',
      '{"incarnation":"i","run":1,"node":"n","phase":"x","unit":0}',
    ];
    for (const text of texts) channel.sendToQueue(name, Buffer.from(text));
    await channel.waitForConfirms();
    await queue.publish([message(1)]);
    const stop = new AbortController();
    const taken: UnitMessage[] = [];
    const handle = async (next: UnitMessage) => {
      taken.push(next);
      stop.abort();
      return DONE;
    };
    await queue.consume(handle, { signal: stop.signal, limit: 1 });
    expect(taken).toEqual([message(1)]);
    const { messageCount } = await channel.checkQueue(queueNames(name).dead);
    expect(messageCount).toBe(texts.length);
  });

  test("a queue that is deleted under its consumer is declared again", async () => {
    const { queue, name } = await ownQueue();
    const stop = new AbortController();
    const taken: UnitMessage[] = [];
    const handle = async (next: UnitMessage) => {
      taken.push(next);
      return DONE;
    };
    const consumed = queue.consume(handle, { signal: stop.signal, limit: 2 });
    await queue.publish([message(1)]);
    await until("the first message", () => taken[0]);
    const channel = await (await rawConnection()).createChannel();
    await channel.deleteQueue(name);
    await until("the queue is back", async () => {
      // Until the broker has noticed, a message for a queue that is gone is refused: a hint less.
      await queue.publish([message(2)]).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "QUEUE_UNAVAILABLE" });
      });
      return taken[1];
    });
    stop.abort();
    await consumed;
    expect(taken[1]).toEqual(message(2));
  });

  test("a wrong password and a wrong host are refused in one sentence without the password", async () => {
    const address = new URL(url);
    address.password = "hunter2";
    const attempt = (text: string): Promise<unknown> =>
      openRabbitQueue({ url: text, queue: "q", mustConnect: true, random: Math.random }).then(
        () => "opened",
        (error: unknown) => error,
      );
    const password = (await attempt(address.href)) as Error;
    expect(password).toMatchObject({ code: "QUEUE_REFUSED" });
    expect(password.message).not.toContain("hunter2");
    expect(await attempt(`${url}/nowhere`)).toMatchObject({ code: "QUEUE_REFUSED" });
    expect(await attempt("amqp://127.0.0.1:1")).toMatchObject({ code: "QUEUE_UNAVAILABLE" });
    expect(await attempt("http://127.0.0.1")).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("a queue of that name with other properties is refused", async () => {
    const name = `test.${randomUUID()}`;
    const channel = await (await rawConnection()).createChannel();
    await channel.assertQueue(name, { durable: true });
    onTestFinished(() => forget(name));
    await expect(open(name)).rejects.toMatchObject({ code: "QUEUE_REFUSED" });
  });
});

/** The methods of a class instance as an object. */
const bound = (queue: RabbitQueue) => ({
  publish: queue.publish.bind(queue),
  consume: queue.consume.bind(queue),
  depth: queue.depth.bind(queue),
  purge: queue.purge.bind(queue),
});
