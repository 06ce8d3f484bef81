import type { RunRecord } from "#pkg/workflow";
import { PROCESSOR_FLAG } from "./arguments.ts";
import type { Context } from "./context.ts";
import type { Installation } from "./installation.ts";
import { shellWord } from "./shell-word.ts";

/** What to type from any folder to go on with a run, or to watch it where workers execute it. */
export function resumeCommand(
  { processors }: Pick<Context, "processors">,
  { name, byDaemons }: Pick<Installation, "name" | "byDaemons">,
  { keyspace, run }: Pick<RunRecord, "keyspace" | "run">,
): string {
  const modules = Object.entries(processors).map(
    ([each, path]) => ` ${PROCESSOR_FLAG} ${shellWord(`${each}=${path}`)}`,
  );
  const place = byDaemons ? "--cluster" : `--data ${shellWord(name)}`;
  return `capitoolbelt resume --keyspace ${keyspace} --run ${run}${modules.join("")} ${place}`;
}
