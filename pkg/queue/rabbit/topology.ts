import type { ChannelModel } from "amqplib";
import { queueExists } from "./browse.ts";

/**
 * Pauses of messages that come again, in milliseconds; others are rounded up. There is one queue for each, because a message
 * with a time of its own would hold up those behind it.
 */
export const PAUSES_MS = [
  50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
] as const;

export const pauseFor = (ms: number): number =>
  PAUSES_MS.find((pause) => pause >= ms) ?? (PAUSES_MS.at(-1) as number);

/** Names of the queues behind one work queue. */
export const queueNames = (
  work: string,
): { readonly work: string; readonly dead: string; readonly pauses: readonly string[] } => ({
  work,
  dead: `${work}.dead`,
  pauses: PAUSES_MS.map((ms) => pauseQueue(work, ms)),
});

const pauseQueue = (work: string, ms: number): string => `${work}.pause.${ms}`;

type QueueArguments = Readonly<Record<string, string | number>>;

const QUORUM: QueueArguments = { "x-queue-type": "quorum" };
/** A queue without a consumer and without anybody who fetches from it. */
const UNUSED_MS = 7 * 24 * 3_600_000;
const PRECONDITION_FAILED = 406;

/**
 * Declares the queues of an installation. Those of one that was given up go by themselves: the broker deletes a queue that was unused
 * for a week. To a quorum queue neither publishing nor declaring it again is a use, only a consumer and fetching are; so a worker
 * keeps the work queue, and the others, which have no consumer, are declared each time before they are used.
 */
export class Topology {
  readonly #work: string;
  readonly #unusedMs: number;
  /** Queues that a former build made, which stay as they are. */
  readonly #lasting = new Set<string>();

  constructor(work: string, unusedMs = UNUSED_MS) {
    this.#work = work;
    this.#unusedMs = unusedMs;
  }

  async work(model: ChannelModel): Promise<void> {
    await this.#declare(model, this.#work, QUORUM);
  }

  /** The place for messages that nobody can read. */
  dead(model: ChannelModel): Promise<string> {
    return this.#declare(model, queueNames(this.#work).dead, QUORUM);
  }

  /** The queue whose messages go back to the work queue after that time. */
  pause(model: ChannelModel, ms: number): Promise<string> {
    return this.#declare(model, pauseQueue(this.#work, ms), {
      ...QUORUM,
      "x-message-ttl": ms,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": this.#work,
    });
  }

  /** A queue with other properties than those of this and of former builds is refused with 406. */
  async #declare(model: ChannelModel, queue: string, own: QueueArguments): Promise<string> {
    if (this.#lasting.has(queue) && (await queueExists(model, queue))) return queue;
    this.#lasting.delete(queue);
    try {
      await declare(model, queue, { ...own, "x-expires": this.#unusedMs });
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== PRECONDITION_FAILED) throw error;
      await declare(model, queue, own);
      this.#lasting.add(queue);
    }
    return queue;
  }
}

/** In a channel of its own, because a refusal ends the channel. */
async function declare(model: ChannelModel, queue: string, args: QueueArguments): Promise<void> {
  const channel = await model.createChannel();
  channel.on("error", () => undefined); // the call below reports it
  await channel.assertQueue(queue, { durable: true, arguments: args });
  await channel.close();
}
