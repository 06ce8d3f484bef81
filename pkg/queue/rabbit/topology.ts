import type { Channel } from "amqplib";

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

const QUORUM = { durable: true, arguments: { "x-queue-type": "quorum" } } as const;

/** Work queue and the place for messages that nobody can read; safe to repeat. */
export async function declareQueues(channel: Channel, work: string): Promise<void> {
  await channel.assertQueue(work, QUORUM);
  await channel.assertQueue(queueNames(work).dead, QUORUM);
}

/** The queue whose messages go back to the work queue after that time; made when first needed. */
export async function declarePause(channel: Channel, work: string, ms: number): Promise<string> {
  const name = pauseQueue(work, ms);
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-message-ttl": ms,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": work,
    },
  });
  return name;
}
