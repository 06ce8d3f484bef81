import { Fault } from "#pkg/fault";
import {
  hasWork,
  retryRun,
  type AppliedDecisions,
  type RetryRefusal,
  type RunRecord,
} from "#pkg/workflow";
import { refuseUnfinished } from "./find-retried.ts";
import type { OperatorPorts } from "./ports.ts";
import type { PreparedRetry } from "./prepare-retry.ts";
import { insertRun, writersOf, type RunDraft } from "./start-run.ts";

export interface RetryStarter {
  readonly executors: readonly string[];
  readonly description: string;
  readonly startedBy: string;
  /** Of a replay: what it applies to rejected rows. */
  readonly corrections?: AppliedDecisions;
}

/**
 * Makes a prepared retry visible as a new run that takes over what its plan says; undefined when there is nothing to execute.
 * Throws RETRY_REFUSED with every reason, RUN_UNFINISHED when another retry of the run was faster, RUN_CONFLICT.
 */
export async function startRetry(
  ports: OperatorPorts,
  { of, facts, plan, newest, script: { script, corrected } }: PreparedRetry,
  starter: RetryStarter,
): Promise<RunRecord | undefined> {
  refuse(of, plan.refusals);
  if (!hasWork(plan)) return undefined;
  const retry = retryRun(facts, plan);
  const { store } = ports;
  const scriptHash =
    corrected === undefined ? of.documents.script : await store.putDocument(JSON.stringify(script));
  const draft: RunDraft = {
    incarnation: of.incarnation,
    keyspace: of.keyspace,
    version: 1,
    state: "running",
    epoch: 1,
    startNodes: of.startNodes,
    affected: retry.affected,
    executors: starter.executors,
    documents: {
      ...of.documents,
      script: scriptHash,
      ...(corrected ? { scriptText: await store.putDocument(corrected.text) } : {}),
      inputs: await store.putDocument(JSON.stringify(retry.inputs)),
      ...(starter.corrections
        ? { corrections: await store.putDocument(JSON.stringify(starter.corrections)) }
        : {}),
    },
    scriptUrl: of.scriptUrl,
    parametersUrl: of.parametersUrl,
    ...(of.folder === undefined ? {} : { folder: of.folder }),
    retry: {
      of: of.run,
      adoptions: await store.putDocument(JSON.stringify(retry.adoptions)),
      ...(corrected ? { diff: await store.putDocument(corrected.diff) } : {}),
      ...correctedUrl(of, corrected?.url),
    },
    description: starter.description,
    startedBy: starter.startedBy,
    constants: of.constants,
    startedAt: ports.now(),
    comment: "",
  };
  return insertRun(ports, draft, writersOf(script, retry.executed), (runs) => {
    refuseUnfinished(of, runs);
    refuseFaster(of, runs, newest);
  });
}

/** A retry without a corrected script executes what the run before it did. */
function correctedUrl(
  { retry }: RunRecord,
  url = retry?.scriptUrl,
): { readonly scriptUrl?: string } {
  return url === undefined ? {} : { scriptUrl: url };
}

function refuse(of: RunRecord, refusals: readonly RetryRefusal[]): void {
  const [first, ...others] = refusals;
  if (first === undefined) return;
  const lines = refusals.map(({ node, reason }) =>
    node === undefined ? reason : `node "${node}": ${reason}`,
  );
  const message = `run ${of.run} of keyspace "${of.keyspace}" cannot be retried like this: ${lines.join("; ")}`;
  const isSame = others.every(({ hint }) => hint === first.hint);
  const hint = isSame ? first.hint : refusals.map(({ hint }) => hint).join(" ");
  throw new Fault("RETRY_REFUSED", message, { facts: { run: of.run, refusals }, hint });
}

/** Another retry began and even ended since this one was prepared: what is to be done is another thing now. */
function refuseFaster(of: RunRecord, runs: readonly RunRecord[], newest: number): void {
  const faster = runs.find(({ run, retry }) => run > newest && retry?.of === of.run);
  if (faster === undefined) return;
  throw new Fault("RUN_CONFLICT", `run ${faster.run} has just retried run ${of.run}`, {
    facts: { run: faster.run },
    hint: "Look at its result, then retry again.",
  });
}
