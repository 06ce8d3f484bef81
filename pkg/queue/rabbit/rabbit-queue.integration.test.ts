import { connect, type ChannelModel } from "amqplib";
import { randomUUID } from "node:crypto";
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { silentLog, type Log } from "#pkg/log";
import { ownRabbit, testWithOwn, withService } from "../../../test/support/services.ts";
import { until } from "../../../test/support/until.ts";
import { describeQueue } from "../queue.contract.ts";
import type { UnitMessage } from "../queue.ts";
import { openRabbitQueue, type RabbitQueue } from "./index.ts";
import { browse, messagesIn, queueExists } from "./browse.ts";
import { queueNames } from "./topology.ts";
import { tryBroker } from "./try-broker.ts";

const DONE = { kind: "done" } as const;
const message = (unit: number): UnitMessage => ({
  incarnation: "i1",
  run: 1,
  node: "read",
  phase: "rows",
  unit,
});

withService("rabbit", ({ url, series }) => {
  const open = (queue: string, more: { readonly unusedMs?: number } = {}): Promise<RabbitQueue> =>
    openRabbitQueue({ url, queue, mustConnect: true, random: Math.random, ...more });

  const forget = async (queue: string): Promise<void> => {
    const model = await connect(url);
    const channel = await model.createChannel();
    const { work, dead, pauses } = queueNames(queue);
    for (const name of [work, dead, ...pauses]) await channel.deleteQueue(name);
    await model.close();
  };

  /** A queue of the test alone; it is gone with the test. */
  async function ownQueue(
    more: { readonly unusedMs?: number } = {},
  ): Promise<{ readonly queue: RabbitQueue; readonly name: string }> {
    const name = `test.${randomUUID()}`;
    const queue = await open(name, more);
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
    // Counted nowhere while it goes from the queue of its pause to the work queue.
    await until("it is counted", async () => ((await queue.depth({})) === 1 ? true : undefined));
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

  test("messages that cannot be given back as copies are there all the same", async () => {
    const name = `test.${randomUUID()}`;
    const model = await rawConnection();
    const channel = await model.createConfirmChannel();
    const limit = { "x-max-length": 2, "x-overflow": "reject-publish" };
    await channel.assertQueue(name, { durable: true, arguments: limit });
    onTestFinished(() => forget(name));
    const send = async (): Promise<void> => {
      channel.sendToQueue(name, Buffer.from("{}"));
      await channel.waitForConfirms();
    };
    await send();
    await send();
    const held = await channel.get(name);
    await send();
    // Three of two: the third copy is refused.
    if (held !== false) channel.nack(held, false, true);
    const three = async () => ((await messagesIn(model, name)) === 3 ? true : undefined);
    await until("all three wait", three);
    const look = { scope: { run: 1 }, remove: false, copies: true };
    await expect(browse(model, name, look)).rejects.toThrow("nacked");
    await until("all three wait again", async () =>
      (await messagesIn(model, name)) >= 3 ? true : undefined,
    );
  });

  test("whoever closes a queue is not held up by a connection that breaks at that moment", async () => {
    const sockets: Socket[] = [];
    let isBreaking = false;
    const server = createServer((incoming) => {
      const outgoing = connectSocket(Number(new URL(url).port), new URL(url).hostname);
      sockets.push(incoming, outgoing);
      for (const socket of [incoming, outgoing]) socket.on("error", () => undefined);
      outgoing.pipe(incoming);
      // The farewell is not handed on.
      incoming.on("data", (data) => {
        if (isBreaking) incoming.resetAndDestroy();
        else outgoing.write(data);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const through = new URL(url);
    through.port = String((server.address() as AddressInfo).port);
    const name = `test.${randomUUID()}`;
    onTestFinished(() => forget(name));
    const settings = { queue: name, mustConnect: true, random: Math.random };
    const queue = await openRabbitQueue({ url: through.href, ...settings });
    isBreaking = true;
    await queue[Symbol.asyncDispose]();
    expect(queue.trouble()).toMatchObject({ code: "QUEUE_UNAVAILABLE" });
  });

  test("thousands of senders at a time are answered each for its own", async () => {
    const { queue } = await ownQueue();
    const senders = Array.from({ length: 8000 }, (_, unit) => queue.publish([message(unit)]));
    await Promise.all(senders);
    await until("all are counted", async () =>
      (await queue.depth({})) === senders.length ? true : undefined,
    );
  }, 60_000);

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

  test("queues that nobody uses any more go by themselves, and one that a worker consumes from stays", async () => {
    const { queue, name } = await ownQueue({ unusedMs: 1000 });
    const { queue: abandoned, name: unused } = await ownQueue({ unusedMs: 1000 });
    const { dead, pauses } = queueNames(name);
    const stop = new AbortController();
    const taken: UnitMessage[] = [];
    const handle = async (next: UnitMessage) => {
      taken.push(next);
      return taken.length === 1 ? ({ kind: "again", delayMs: 50 } as const) : DONE;
    };
    const consumed = queue.consume(handle, { signal: stop.signal, limit: 2 });
    const model = await rawConnection();
    const channel = await model.createConfirmChannel();
    channel.sendToQueue(name, Buffer.from("nobody can read this"));
    await queue.publish([message(1)]);
    await until("both deliveries", () => taken[1]);
    const isThere = (each: string): Promise<boolean> => queueExists(model, each);
    await until("the dead queue", async () => ((await isThere(dead)) ? true : undefined));
    const gone = [unused, dead, pauses[0] as string];
    // The broker looks every five seconds.
    await until("what is unused is gone", async () =>
      (await Promise.all(gone.map(isThere))).includes(true) ? undefined : true,
    );
    expect(await isThere(name)).toBe(true);
    // What is gone is made again when it is needed, and its loss is a lost hint.
    expect(await abandoned.depth({})).toBe(0);
    channel.sendToQueue(name, Buffer.from("nor this"));
    await queue.publish([message(2)]);
    await until("the next message", () => taken[2]);
    await until("the dead queue again", async () => ((await isThere(dead)) ? true : undefined));
    const another = new AbortController();
    const more: UnitMessage[] = [];
    const takeOne = async (next: UnitMessage) => {
      more.push(next);
      another.abort();
      return DONE;
    };
    const late = abandoned.consume(takeOne, { signal: another.signal, limit: 1 });
    await until("the work queue again", async () => ((await isThere(unused)) ? true : undefined));
    await abandoned.publish([message(3)]);
    await late;
    expect(more).toEqual([message(3)]);
    stop.abort();
    await consumed;
  }, 60_000);

  test("queues that a former build made stay as they are and are used", async () => {
    const name = `test.${randomUUID()}`;
    const { dead, pauses } = queueNames(name);
    const pause = pauses[0] as string;
    const channel = await (await rawConnection()).createChannel();
    const former = { "x-queue-type": "quorum" };
    const back = { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": name };
    for (const each of [name, dead])
      await channel.assertQueue(each, { durable: true, arguments: former });
    await channel.assertQueue(pause, {
      durable: true,
      arguments: { ...former, "x-message-ttl": 50, ...back },
    });
    onTestFinished(() => forget(name));
    await using queue = await open(name);
    await queue.publish([message(1)]);
    channel.sendToQueue(name, Buffer.from("nobody can read this"));
    const stop = new AbortController();
    const taken: UnitMessage[] = [];
    const handle = async (next: UnitMessage) => {
      taken.push(next);
      if (taken.length > 2) stop.abort();
      return taken.length > 2 ? DONE : ({ kind: "again", delayMs: 20 } as const);
    };
    await queue.consume(handle, { signal: stop.signal, limit: 1 });
    expect(taken).toEqual([message(1), message(1), message(1)]);
    expect((await channel.checkQueue(dead)).messageCount).toBe(1);
    expect(queue.trouble()).toBeUndefined();
    // One that somebody deleted is made as those of this build are.
    await channel.deleteQueue(pause);
    await queue.publish([message(2)]);
    const again = new AbortController();
    const putOff = async () => {
      again.abort();
      return { kind: "again", delayMs: 20 } as const;
    };
    await queue.consume(putOff, { signal: again.signal, limit: 1 });
    await channel.assertQueue(pause, {
      durable: true,
      arguments: { ...former, "x-message-ttl": 50, ...back, "x-expires": 7 * 24 * 3_600_000 },
    });
  }, 60_000);

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

testWithOwn(
  "while the broker is short of memory everything that is asked of it fails at once, and it is used again afterwards",
  () => ownRabbit(),
  async (rabbit) => {
    const { url } = rabbit.address;
    const settings = { url, queue: "short", mustConnect: true, random: Math.random };
    await using queue = await openRabbitQueue(settings);
    const stop = new AbortController();
    const taken: number[] = [];
    const handle = async ({ unit }: UnitMessage) => {
      taken.push(unit);
      return DONE;
    };
    const consumed = queue.consume(handle, { signal: stop.signal, limit: 2 });
    await queue.publish([message(1)]);
    await until("the first message", () => taken[0]);
    await rabbit.alarm(true);
    const short = {
      code: "QUEUE_UNAVAILABLE",
      message: expect.stringContaining("takes no messages") as string,
    };
    // Counting would wait for the end of the shortage over the connection that has published.
    const asked = [queue.publish([message(2)]), queue.depth({}), queue.depth({ run: 1 })];
    for (const each of asked) await expect(each).rejects.toMatchObject(short);
    await expect(queue.purge({})).rejects.toMatchObject(short);
    await expect(tryBroker({ url })).rejects.toMatchObject(short);
    expect(queue.trouble()).toMatchObject(short);
    // Nor does anybody wait who ends.
    const other = await openRabbitQueue(settings);
    const ended = other.consume(handle, { signal: stop.signal, limit: 2 });
    await expect(other.publish([message(3)])).rejects.toMatchObject(short);
    await other[Symbol.asyncDispose]();
    await ended;
    await rabbit.alarm(false);
    await until("it is used again", async () => {
      await queue.publish([message(4)]).catch(() => undefined);
      return taken.includes(4) ? true : undefined;
    });
    stop.abort();
    await consumed;
  },
);

testWithOwn(
  "a consumer without the right to read is told so, and tries again more and more rarely",
  () => ownRabbit(),
  async (rabbit) => {
    await rabbit.control("add_user", "ann", "secret");
    await rabbit.control("set_permissions", "ann", ".*", ".*", "^$");
    const url = new URL(rabbit.address.url);
    [url.username, url.password] = ["ann", "secret"];
    const settings = { url: url.href, queue: "unread", mustConnect: true, random: () => 0 };
    const givenUp: number[] = [];
    const log: Log = {
      ...silentLog,
      warn: (event) => {
        if (event.includes("given up")) givenUp.push(performance.now());
      },
    };
    await using queue = await openRabbitQueue({ ...settings, log });
    const stop = new AbortController();
    const consumed = queue.consume(async () => DONE, { signal: stop.signal, limit: 2 });
    await until("the fifth attempt", () => givenUp[4]);
    expect(queue.trouble()).toMatchObject({ code: "QUEUE_REFUSED" });
    const [, , , fourth = 0, fifth = 0] = givenUp;
    // The least of the pause after four attempts; it is never shorter.
    expect(fifth - fourth).toBeGreaterThan(799);
    stop.abort();
    await consumed;
  },
);

/** The methods of a class instance as an object. */
const bound = (queue: RabbitQueue) => ({
  publish: queue.publish.bind(queue),
  consume: queue.consume.bind(queue),
  depth: queue.depth.bind(queue),
  purge: queue.purge.bind(queue),
});
