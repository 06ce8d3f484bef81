import { createControl } from "#pkg/control";
import { startRun } from "#pkg/operator";
import { formatProblems } from "#pkg/script";
import { openBroker } from "./broker.ts";
import type { Context } from "./context.ts";
import type { NewRun } from "./execute.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { absoluteUrl } from "./absolute-url.ts";

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
    absolute: (url) => absoluteUrl(context, url),
  });
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  const newToken = (): string => ports.newId().replaceAll("-", "");
  await using queue = await openBroker(context, installation.settings);
  const announced = queue === undefined ? {} : { queue };
  const control = createControl({ ...ports, ...announced, session: "", newToken });
  await control.advance(record.incarnation, record.run);
  context.out(`${record.run}\n`);
  if (installation.byDaemons) return EXIT.success;
  const place = `--keyspace ${record.keyspace} --run ${record.run} --data ${installation.name}`;
  context.err(`run ${record.run} waits for a worker; to be one: capitoolbelt resume ${place}\n`);
  return EXIT.success;
}
