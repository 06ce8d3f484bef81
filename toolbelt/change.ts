import { createControl } from "#pkg/control";
import { checkKeyspaceName, findRun } from "#pkg/operator";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation, type Installation } from "./installation.ts";

/** A control plane that changes runs but never claims work, so it needs no session. */
const controlOf = ({ ports }: Installation): ReturnType<typeof createControl> =>
  createControl({ ...ports, session: "", newToken: () => ports.newId().replaceAll("-", "") });

/** Also successful when there is no such keyspace (spec/workflow.md 8.1). */
export async function dropKeyspace(
  context: Context,
  keyspace: string,
  folder: string,
): Promise<number> {
  checkKeyspaceName(keyspace);
  await using installation = await openInstallation(context, folder, { create: true });
  const existed = await controlOf(installation).drop(keyspace);
  context.err(existed ? `dropped keyspace ${keyspace}\n` : `there was no keyspace ${keyspace}\n`);
  return EXIT.success;
}

/** Stops an unfinished run or invalidates a completed one; prints nothing on stdout. */
export async function stopRun(
  context: Context,
  request: { readonly keyspace: string; readonly run: number; readonly comment: string },
  folder: string,
): Promise<number> {
  await using installation = await openInstallation(context, folder, { create: false });
  const record = await findRun(installation.ports.store, request.keyspace, request.run);
  const changed = await controlOf(installation).stop(
    record.incarnation,
    record.run,
    request.comment,
  );
  context.err(
    changed ? `run ${record.run} is stopped\n` : `run ${record.run} was stopped before\n`,
  );
  return EXIT.success;
}
