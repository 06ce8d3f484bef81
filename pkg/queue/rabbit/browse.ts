import type { ChannelModel, ConfirmChannel, GetMessage } from "amqplib";
import type { QueueScope, UnitMessage } from "../queue.ts";
import { decodeMessage } from "./message-text.ts";

const matches = (
  message: UnitMessage | undefined,
  { incarnation, run, node }: QueueScope,
): boolean =>
  message !== undefined &&
  (incarnation === undefined || message.incarnation === incarnation) &&
  (run === undefined || message.run === run) &&
  (node === undefined || message.node === node);

export const isWhole = ({ incarnation, run, node }: QueueScope): boolean =>
  incarnation === undefined && run === undefined && node === undefined;

export interface Look {
  readonly scope: QueueScope;
  /** Takes away what matches. */
  readonly remove: boolean;
  /**
   * Messages are given back as copies. RabbitMQ 4 counts giving back as a failed delivery, and after twenty of them a quorum queue
   * drops the message, or sends it where its pause would have ended. A copy begins at zero, but so does its pause.
   */
  readonly copies: boolean;
}

/**
 * AMQP cannot ask for some messages of a queue: all that are there now are fetched, looked at and given back, with `remove` all but
 * those that match. For people and rare purges; consumers do not see the messages meanwhile. How many matched.
 */
export async function browse(model: ChannelModel, queue: string, look: Look): Promise<number> {
  const waiting = await messagesIn(model, queue);
  if (waiting === 0) return 0;
  const channel = await model.createConfirmChannel();
  channel.on("error", () => undefined); // the call that is under way reports it
  let found: number;
  try {
    found = await lookThrough(channel, { queue, waiting }, look);
  } catch (error) {
    await closed(channel).catch(() => undefined); // its end gives back what is not settled, and has come already where this fails
    throw error;
  }
  await closed(channel);
  return found;
}

const closed = async (channel: ConfirmChannel): Promise<void> => channel.close();

/** Not those that come meanwhile: others may put them there as fast as they are fetched. */
async function lookThrough(
  channel: ConfirmChannel,
  { queue, waiting }: { readonly queue: string; readonly waiting: number },
  { scope, remove, copies }: Look,
): Promise<number> {
  let found = 0;
  const others: GetMessage[] = [];
  for (let looked = 0; looked < waiting; looked += 1) {
    const message = await channel.get(queue);
    if (message === false) break;
    const isMatch = matches(decodeMessage(message.content), scope);
    if (isMatch) found += 1;
    if (isMatch && remove) channel.ack(message);
    else others.push(message);
  }
  if (copies) {
    for (const { content } of others) channel.sendToQueue(queue, content, { persistent: true });
    await channel.waitForConfirms();
  }
  for (const message of others)
    if (copies) channel.ack(message);
    else channel.nack(message, false, true);
  return found;
}

/** Messages waiting in the queue; 0 when there is no such queue. */
export async function messagesIn(model: ChannelModel, queue: string): Promise<number> {
  return (await inspected(model, queue)) ?? 0;
}

export async function purge(model: ChannelModel, queue: string): Promise<number> {
  if (!(await queueExists(model, queue))) return 0;
  const channel = await model.createChannel();
  const { messageCount } = await channel.purgeQueue(queue);
  await channel.close();
  return messageCount;
}

export const queueExists = async (model: ChannelModel, queue: string): Promise<boolean> =>
  (await inspected(model, queue)) !== undefined;

const NOT_FOUND = 404;

/** In a channel of its own, because asking for a queue that is not there ends the channel. */
async function inspected(model: ChannelModel, queue: string): Promise<number | undefined> {
  const channel = await model.createChannel();
  channel.on("error", () => undefined); // the call below reports it
  try {
    const { messageCount } = await channel.checkQueue(queue);
    await channel.close();
    return messageCount;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === NOT_FOUND) return undefined;
    throw error;
  }
}
