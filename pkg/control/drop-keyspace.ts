import type { Context } from "./context.ts";

/** Removes a keyspace with everything in it; repeating it after a crash finishes what was begun. False: there is none. */
export async function dropKeyspace(context: Context, name: string): Promise<boolean> {
  const keyspace = await context.store.keyspace(name);
  if (keyspace === undefined) return false;
  const { incarnation } = keyspace;
  if (keyspace.state === "live") await context.store.beginDrop(name, incarnation);
  await context.tables.drop(incarnation);
  await context.store.endDrop(name, incarnation);
  return true;
}
