import type { ChannelModel } from "amqplib";
import { Fault } from "#pkg/fault";

interface Socket {
  destroy(): unknown;
}

/**
 * A broker that is short of memory or disk reads nothing more from a connection that has published, not even its end: whatever is asked
 * over it would wait until the shortage is over. Such a connection is cut, which fails what is under way, and `told` is told why.
 */
export function cutAtAlarm(
  model: ChannelModel,
  address: string,
  told: (reason: Fault) => void,
): void {
  model.on("blocked", (shortage: string) => {
    told(
      new Fault("QUEUE_UNAVAILABLE", `the broker ${address} takes no messages: ${shortage}`, {
        retryable: true,
        facts: { address, shortage },
        hint: "Free memory or disk of the broker; workers go on with the store alone.",
      }),
    );
    void model.close().catch(() => undefined); // it is gone already
    // The client only half-closes it, which the broker does not see either. Its types do not tell of the socket.
    (model.connection as { readonly stream?: Socket }).stream?.destroy();
  });
}
