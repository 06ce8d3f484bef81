import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import type { ConsumeOptions, Settlement, UnitMessage } from "../queue.ts";
import type { Connected } from "./broker-link.ts";
import { decodeMessage } from "./message-text.ts";

export interface ConsumptionPorts {
  readonly work: string;
  /** Makes the work queue if it is not there. */
  readonly declare: (model: ChannelModel) => Promise<void>;
  /** Resolves when the broker has the message in the queue of that pause. */
  readonly publishLater: (content: Buffer, delayMs: number) => Promise<void>;
  /** Resolves when the broker has the unreadable message apart. */
  readonly publishDead: (content: Buffer) => Promise<void>;
}

type Handle = (message: UnitMessage) => Promise<Settlement>;

/**
 * Consumes over one connection until the signal is raised, the channel ends (both resolve), or a handler throws. Messages that
 * are not settled then go back to the queue.
 */
export async function consumeOver(
  { model }: Connected,
  ports: ConsumptionPorts,
  handle: Handle,
  { signal, limit }: ConsumeOptions,
): Promise<void> {
  await ports.declare(model);
  const channel = await model.createChannel();
  const ending = new AbortController();
  const lost = (): void => ending.abort();
  channel.on("close", lost);
  channel.on("error", lost);
  const stop = AbortSignal.any([signal, ending.signal]);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const receive = (message: ConsumeMessage | null): void => {
    if (message === null) return lost(); // the queue was deleted; it is declared again
    const task = settle(channel, ports, message, stop.aborted ? undefined : handle)
      .catch((error: unknown) => {
        failures.push(error);
        ending.abort();
      })
      .finally(() => running.delete(task));
    running.add(task);
  };
  await channel.prefetch(limit);
  const { consumerTag } = await channel.consume(ports.work, receive);
  await aborted(stop);
  await channel.cancel(consumerTag).catch(() => undefined); // a channel that is gone has no consumer
  await Promise.all(running);
  await channel.close().catch(() => undefined); // closing gives back what was not settled; so did its end
  if (failures.length > 0) throw failures[0];
}

/** Without a handler the message goes back as it is. Throws what the handler threw. */
async function settle(
  channel: Channel,
  { publishLater, publishDead }: ConsumptionPorts,
  message: ConsumeMessage,
  handle: Handle | undefined,
): Promise<void> {
  const content = decodeMessage(message.content);
  if (handle === undefined) return quietly(() => channel.nack(message, false, true));
  let settlement: Settlement;
  try {
    settlement = content === undefined ? { kind: "done" } : await handle(content);
  } catch (error) {
    quietly(() => channel.nack(message, false, true));
    throw error;
  }
  try {
    if (content === undefined) await publishDead(message.content);
    if (settlement.kind === "again") await publishLater(message.content, settlement.delayMs);
  } catch {
    return quietly(() => channel.nack(message, false, true)); // the copy may not be there: the original stays
  }
  quietly(() => channel.ack(message));
}

/** A channel that was closed meanwhile has given the message back already. */
function quietly(settle: () => void): void {
  try {
    settle();
  } catch {
    // the message comes again
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
