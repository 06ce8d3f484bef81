import type { ToolbeltSettings } from "#pkg/config";
import type { RabbitQueue } from "#pkg/queue/rabbit";
import type { Context } from "./context.ts";

/** The broker that the settings name, to announce units to workers; one that is away is no reason to wait (P5). */
export async function openBroker(
  { random }: Pick<Context, "random">,
  { broker }: ToolbeltSettings,
): Promise<RabbitQueue | undefined> {
  if (broker === undefined) return undefined;
  const { openRabbitQueue } = await import("#pkg/queue/rabbit");
  return openRabbitQueue({ ...broker, mustConnect: false, random });
}
