import type { ChannelModel, ConfirmChannel } from "amqplib";
import { Fault } from "#pkg/fault";
import { silentLog, type Log } from "#pkg/log";
import type { ConsumeOptions, Queue, QueueScope, Settlement, UnitMessage } from "../queue.ts";
import { brokerAddress } from "./address.ts";
import { BrokerLink, type Connected } from "./broker-link.ts";
import { browse, isWhole, messagesIn, purge, type Look } from "./browse.ts";
import { brokerFault } from "./classify-error.ts";
import { consumeOver } from "./consumption.ts";
import { encodeMessage } from "./message-text.ts";
import { pauseFor, queueNames, Topology } from "./topology.ts";

export interface RabbitOptions {
  /** amqp://user:password@host:port/vhost, or amqps. */
  readonly url: string;
  /** Name of the work queue; the others begin with it. */
  readonly queue: string;
  /** PEM file of the authority of the broker's certificate. */
  readonly authorityPath?: string;
  /** Throw when the broker cannot be reached now; otherwise it may come later, and only a refusal is thrown. */
  readonly mustConnect: boolean;
  readonly random: () => number;
  readonly log?: Log;
  /** After which the broker deletes a queue that nobody uses; a week by default. */
  readonly unusedMs?: number;
}

export interface RabbitQueue extends Queue {
  /** Without user and password. */
  readonly address: string;
  /** Why the broker is not connected now; undefined while it is. */
  trouble(): Fault | undefined;
}

/** Publishing is a hint: after this time its sender goes on. */
const PUBLISH_MS = 5000;

/** Throws CONFIG_INVALID, QUEUE_REFUSED, with `mustConnect` also QUEUE_UNAVAILABLE. */
export async function openRabbitQueue(options: RabbitOptions): Promise<RabbitQueue> {
  const { url, queue, authorityPath, random, log = silentLog, unusedMs } = options;
  const address = brokerAddress(url, authorityPath);
  const topology = new Topology(queue, unusedMs);
  const link = new BrokerLink({
    address,
    declare: (model) => topology.work(model),
    random,
    log,
  });
  const trouble = await link.first();
  if (trouble !== undefined && (options.mustConnect || trouble.code === "QUEUE_REFUSED")) {
    await link.close();
    throw trouble;
  }
  return new LinkedQueue({ link, topology, work: queue, address: address.shown });
}

interface QueueParts {
  readonly link: BrokerLink;
  readonly topology: Topology;
  readonly work: string;
  readonly address: string;
}

class LinkedQueue implements RabbitQueue {
  readonly address: string;
  readonly #link: BrokerLink;
  readonly #topology: Topology;
  readonly #work: string;
  readonly #closing = new AbortController();
  readonly #consumptions = new Set<Promise<void>>();

  constructor({ link, topology, work, address }: QueueParts) {
    this.#link = link;
    this.#topology = topology;
    this.#work = work;
    this.address = address;
  }

  trouble(): Fault | undefined {
    return this.#link.trouble;
  }

  async publish(messages: readonly UnitMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await this.#translated(({ publisher }) =>
      confirmed(publisher, this.#work, messages.map(encodeMessage)),
    );
  }

  async consume(
    handle: (message: UnitMessage) => Promise<Settlement>,
    { signal, limit }: ConsumeOptions,
  ): Promise<void> {
    this.#checkOpen();
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const consumption = this.#consumeUntil(ended, handle, limit);
    const settled = consumption.then(
      () => undefined,
      () => undefined, // thrown to the caller of consume
    );
    this.#consumptions.add(settled);
    try {
      await consumption;
    } finally {
      this.#consumptions.delete(settled);
    }
  }

  depth(scope: QueueScope): Promise<number> {
    return this.#overQueues(({ model }, queue) =>
      isWhole(scope) ? messagesIn(model, queue) : browse(model, queue, this.#look(queue, scope)),
    );
  }

  purge(scope: QueueScope): Promise<number> {
    return this.#overQueues(({ model }, queue) =>
      isWhole(scope)
        ? purge(model, queue)
        : browse(model, queue, { ...this.#look(queue, scope), remove: true }),
    );
  }

  #look(queue: string, scope: QueueScope): Look {
    return { scope, remove: false, copies: queue === this.#work };
  }

  /** Ends every consumption as its own signal would; messages stay in the broker. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#consumptions);
    await this.#link.close();
  }

  /** A handler's error is the caller's; everything else is a lost connection, and the next one is waited for. */
  async #consumeUntil(
    signal: AbortSignal,
    handle: (message: UnitMessage) => Promise<Settlement>,
    limit: number,
  ): Promise<void> {
    const failure: { error?: Error } = {};
    const watched = async (message: UnitMessage): Promise<Settlement> => {
      try {
        return await handle(message);
      } catch (error) {
        failure.error ??= error instanceof Error ? error : new Error(String(error));
        throw error;
      }
    };
    const ports = {
      work: this.#work,
      declare: (model: ChannelModel) => this.#topology.work(model),
      publishLater: (content: Buffer, ms: number) =>
        this.#publishApart(content, (model) => this.#topology.pause(model, pauseFor(ms))),
      publishDead: (content: Buffer) =>
        this.#publishApart(content, (model) => this.#topology.dead(model)),
    };
    for (;;) {
      const connected = await this.#link.next(signal);
      if (connected === undefined) return;
      try {
        await consumeOver(connected, ports, watched, { signal, limit });
      } catch (error) {
        if (failure.error !== undefined) throw failure.error;
        await this.#link.lost(connected, error);
      }
      if (failure.error !== undefined) throw failure.error;
    }
  }

  #publishApart(content: Buffer, declare: (model: ChannelModel) => Promise<string>): Promise<void> {
    return this.#translated(async ({ model, publisher }) =>
      confirmed(publisher, await declare(model), [content]),
    );
  }

  #overQueues(count: (connected: Connected, queue: string) => Promise<number>): Promise<number> {
    return this.#translated(async (connected) => {
      const { work, pauses } = queueNames(this.#work);
      let sum = 0;
      for (const queue of [work, ...pauses]) sum += await count(connected, queue);
      return sum;
    });
  }

  async #translated<T>(work: (connected: Connected) => Promise<T>): Promise<T> {
    this.#checkOpen();
    try {
      return await work(this.#link.now());
    } catch (error) {
      // What was under way when the link was given up knows only that its channel ended.
      throw this.#link.trouble ?? brokerFault(error, this.address);
    }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new Fault("QUEUE_UNAVAILABLE", "the queue was closed");
  }
}

/** Resolves when the broker has the messages; rejects when it does not say so in time. */
async function confirmed(
  publisher: ConfirmChannel,
  queue: string,
  contents: readonly Buffer[],
): Promise<void> {
  // Each asks for its own answer: waiting for all that are unanswered would also wait for those of others, once for each sender.
  const answers = contents.map((content) => sent(publisher, queue, content));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no confirmation within ${PUBLISH_MS} ms`)),
      PUBLISH_MS,
    );
  });
  try {
    await Promise.race([Promise.all(answers), late]);
  } finally {
    clearTimeout(timer);
  }
}

const sent = (publisher: ConfirmChannel, queue: string, content: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    publisher.sendToQueue(queue, content, { persistent: true }, (error: Error | null) =>
      error === null ? resolve() : reject(error),
    );
  });
