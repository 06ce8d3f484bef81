import { Fault } from "#pkg/fault";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation, settingsOf } from "./installation.ts";

/** Opens the store and reads from it; `OK: ` and where it is. */
export async function checkStore(context: Context, dataFlag: string): Promise<number> {
  await using installation = await openInstallation(context, dataFlag, { create: false });
  await installation.ports.store.keyspaces();
  tellNotes(context, installation.settings.notes);
  context.out(`OK: ${installation.name}\n`);
  return EXIT.success;
}

/** Connects, declares the queues and has a message handed out again; `OK: ` and the address without user and password. */
export async function checkQueue(context: Context): Promise<number> {
  const { broker, notes } = await settingsOf(context);
  if (broker === undefined)
    throw new Fault("CONFIG_INVALID", "no broker is named: set amqp.url (CAPI_AMQP_URL)", {
      hint: "Without a broker workers find work in the store; then there is nothing to check.",
    });
  const { openRabbitQueue, tryBroker } = await import("#pkg/queue/rabbit");
  await using queue = await openRabbitQueue({
    ...broker,
    mustConnect: true,
    random: context.random,
  });
  await tryBroker(broker);
  tellNotes(context, notes);
  context.out(`OK: ${queue.address}\n`);
  return EXIT.success;
}

function tellNotes(context: Context, notes: readonly string[]): void {
  for (const note of notes) context.err(`note: ${note}\n`);
}
