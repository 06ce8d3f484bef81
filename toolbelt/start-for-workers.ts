import { resolve } from "node:path";
import { createControl } from "#pkg/control";
import { startRun } from "#pkg/operator";
import { formatProblems } from "#pkg/script";
import type { Context } from "./context.ts";
import type { NewRun } from "./execute.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";

/** `start_run`: a run without executors, so that any worker may take it; its number alone goes to stdout. */
export async function startForWorkers(
  context: Context,
  request: NewRun,
  folder: string,
): Promise<number> {
  await using installation = await openInstallation(context, folder, { create: true });
  const { ports } = installation;
  const { record, warnings } = await startRun(ports, {
    ...request,
    executors: [],
    description: "",
    startedBy: `os:${context.user}`,
    absolute: (url) => resolve(context.cwd, url),
  });
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  const newToken = (): string => ports.newId().replaceAll("-", "");
  const control = createControl({ ...ports, session: "", newToken });
  await control.advance(record.incarnation, record.run);
  context.out(`${record.run}\n`);
  const place = `--keyspace ${record.keyspace} --run ${record.run} --data ${installation.folder}`;
  context.err(`run ${record.run} waits for a worker; to be one: capitoolbelt resume ${place}\n`);
  return EXIT.success;
}
