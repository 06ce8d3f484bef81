import { connect, type ChannelModel } from "amqplib";
import type { Fault } from "#pkg/fault";
import { brokerAddress } from "./address.ts";
import { cutAtAlarm } from "./broker-alarm.ts";
import { brokerFault } from "./classify-error.ts";
import { endConnection } from "./end-connection.ts";

const PATIENCE_MS = 5000;

/** Sends a message to a queue of this connection alone and waits until it comes back. Throws QUEUE_UNAVAILABLE or QUEUE_REFUSED. */
export async function tryBroker(settings: {
  readonly url: string;
  readonly authorityPath?: string;
}): Promise<void> {
  const { url, options, shown } = brokerAddress(settings.url, settings.authorityPath);
  let model: ChannelModel | undefined;
  let alarm: Fault | undefined;
  try {
    model = await connect(url, options);
    model.on("error", () => undefined); // the call that is under way reports it
    cutAtAlarm(model, shown, (reason) => {
      alarm = reason;
    });
    await roundTrip(model);
  } catch (error) {
    throw alarm ?? brokerFault(error, shown);
  } finally {
    if (model !== undefined) await endConnection(model);
  }
}

async function roundTrip(model: ChannelModel): Promise<void> {
  const channel = await model.createConfirmChannel();
  channel.on("error", () => undefined); // the call that is under way reports it
  const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const late = new Error(`a message did not come back within ${PATIENCE_MS} ms`);
      timer = setTimeout(() => reject(late), PATIENCE_MS);
      channel.once("close", () => reject(new Error("the channel was closed")));
      channel.consume(queue, () => resolve(), { noAck: true }).catch(reject);
      channel.sendToQueue(queue, Buffer.from("check"));
    });
  } finally {
    clearTimeout(timer);
  }
}
