import { Fault } from "#pkg/fault";
import { sourcesOf, type Script } from "#pkg/script";
import { isExecuting, type AppliedDecisions } from "#pkg/workflow";
import type { OperatorPorts } from "./ports.ts";
import { prepareRetry, type PreparedRetry, type RetryRequest } from "./prepare-retry.ts";
import { listRejected } from "./rejected.ts";
import { newRowDecisions, openDecisions, withApplied } from "./row-decisions.ts";

export interface ReplayRequest extends Pick<RetryRequest, "keyspace" | "run" | "absolute"> {
  /** Only what was decided about rows of this node; absent: everything. */
  readonly node?: string | undefined;
}

export interface PreparedReplay {
  readonly retry: PreparedRetry;
  /** Everything that the new run applies, earlier decisions included. */
  readonly corrections: AppliedDecisions;
  /** Decided since the run: corrected rows, and rejected rows that are waived. */
  readonly corrected: number;
  readonly waived: number;
}

/**
 * A replay is a retry of the batches that have corrected or waived rows, and of everything below them, in a new run that applies what
 * was decided. Undefined when nothing was decided since. Throws what prepareRetry throws, and CORRECTION_MISSING when rows of a
 * table are corrected that the replay itself would make anew.
 */
export async function prepareReplay(
  ports: OperatorPorts,
  request: ReplayRequest,
): Promise<PreparedReplay | undefined> {
  const { run, places } = await listRejected(ports, request);
  const fresh = await newRowDecisions(ports, run, request.node);
  const batches = new Map<string, Set<number>>();
  let waived = 0;
  for await (const piece of places())
    for (const { node, batch, decision, isWaived, isNew } of piece) {
      if (isWaived || !isNew) continue;
      if (decision === "waived") waived += 1;
      batches.set(node, (batches.get(node) ?? new Set()).add(batch));
    }
  if (batches.size === 0) return undefined;
  const size = {
    kind: "batches",
    batches: Object.fromEntries([...batches].map(([node, numbers]) => [node, [...numbers]])),
  } as const;
  const retry = await prepareRetry(ports, { ...request, run: run.run, size, changedFiles: false });
  refuseOldTables(retry, [...batches.keys()]);
  const corrections = await withApplied(ports, run, fresh);
  const { corrected } = await (await openDecisions(ports, fresh)).count();
  return { retry, corrections, corrected, waived };
}

/** Corrections of table rows name the table that was read; one that is made again has other rows. */
function refuseOldTables(
  { plan, script: { script } }: PreparedRetry,
  nodes: readonly string[],
): void {
  const executed = new Set(plan.steps.filter(isExecuting).map(({ node }) => node));
  for (const name of nodes) {
    const source = readerOf(script, name);
    if (source === undefined || !executed.has(source)) continue;
    throw new Fault(
      "CORRECTION_MISSING",
      `node "${name}" reads what node "${source}" writes, which is made again: the rows that it rejected are not there any more`,
      {
        facts: { node: name, source },
        hint: `Replay first what is decided about the nodes above (replay --node <name>), then decide about the rows that "${name}" rejects in that run.`,
      },
    );
  }
}

function readerOf(script: Script, name: string): string | undefined {
  const node = script.nodes.find((each) => each.name === name);
  return node === undefined ? undefined : sourcesOf(script, node).reader;
}
