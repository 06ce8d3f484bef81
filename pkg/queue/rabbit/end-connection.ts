import type { ChannelModel } from "amqplib";

/**
 * Ends a connection that may be gone already. The client waits for the answer of the broker, for ever when the connection breaks in
 * between; that it has ended is all that is asked here.
 */
export async function endConnection(model: ChannelModel): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    model.once("close", () => resolve());
  });
  await Promise.race([ended, model.close().catch(() => undefined)]);
}
