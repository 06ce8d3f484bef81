import { Fault } from "#pkg/fault";
import type { RunRecord } from "#pkg/workflow";
import type { OperatorPorts } from "./ports.ts";
import { findRun } from "./find-run.ts";

/**
 * The run to retry: the given one or the newest. What was retried already goes on from its newest retry, so that nothing is
 * executed again that the first retry repaired. Throws RUN_UNFINISHED while the run, or a retry of it, has not ended.
 */
export async function findRetried(
  { store }: Pick<OperatorPorts, "store">,
  wanted: {
    readonly keyspace: string;
    readonly run: number | undefined;
    readonly goesOn: boolean;
  },
): Promise<RunRecord> {
  const asked = await findRun(store, wanted.keyspace, wanted.run);
  const runs = await store.runs(asked.incarnation);
  const found = wanted.goesOn ? newestRetry(asked, runs) : asked;
  refuseUnfinished(found, runs);
  return found;
}

function newestRetry(asked: RunRecord, runs: readonly RunRecord[]): RunRecord {
  const next = runs.findLast((run) => isRetryOf(run, asked) && covers(run, asked));
  return next === undefined ? asked : newestRetry(next, runs);
}

const isRetryOf = (run: RunRecord, asked: RunRecord): boolean => run.retry?.of === asked.run;

/** A retry of some nodes only, or one that was invalidated, takes nobody's place. */
const covers = (run: RunRecord, asked: RunRecord): boolean =>
  !(run.state === "stopped" && run.outcome !== undefined) &&
  asked.affected.every((node) => run.affected.includes(node));

/** Two retries of one run at once would execute the same batches twice. */
export function refuseUnfinished(of: RunRecord, runs: readonly RunRecord[]): void {
  const unfinished = runs.find(
    (run) => run.state === "running" && (run.run === of.run || isRetryOf(run, of)),
  );
  if (unfinished === undefined) return;
  const { run, keyspace } = unfinished;
  const what = run === of.run ? `run ${run}` : `run ${run}, a retry of run ${of.run},`;
  throw new Fault("RUN_UNFINISHED", `${what} of keyspace "${keyspace}" has not ended`, {
    facts: { keyspace, run },
    hint: `Continue it with \`capitoolbelt resume --keyspace ${keyspace} --run ${run}\`, or stop it first.`,
  });
}
