import { affectedNodes, planStart, type RunFacts, type StartStep } from "#pkg/workflow";
import type { Problem } from "#pkg/script";
import { freezeInputs, withAbsoluteUrls, withListedInputs } from "./freeze.ts";
import { loadScript } from "./load-script.ts";
import type { OperatorPorts } from "./ports.ts";
import { checkKeyspaceName, checkStartNodes, type StartRequest } from "./start-run.ts";

export interface PreparedStart {
  /** Number that the run would get. */
  readonly run: number;
  readonly startNodes: readonly string[];
  readonly steps: readonly StartStep[];
  readonly warnings: readonly Problem[];
}

/** What startRun would do, as things are now; changes nothing. Without a store there are no other runs. */
export async function prepareStart(
  ports: Pick<OperatorPorts, "files" | "catalogue" | "now"> & Partial<Pick<OperatorPorts, "store">>,
  request: Pick<
    StartRequest,
    | "keyspace"
    | "scriptUrl"
    | "parametersUrl"
    | "overrides"
    | "startNodes"
    | "constants"
    | "absolute"
  >,
): Promise<PreparedStart> {
  checkKeyspaceName(request.keyspace);
  const loaded = await loadScript(ports, request);
  const written = withAbsoluteUrls(loaded.script, request.absolute);
  const startNodes = checkStartNodes(written, request.startNodes);
  const affected = new Set(affectedNodes(written, startNodes));
  const script = await withListedInputs(written, affected, ports.files);
  const others = await runsOf(ports, request.keyspace);
  const run = (others.at(-1)?.run.run ?? 0) + 1;
  const steps = planStart({
    script,
    startNodes,
    run,
    startedAt: ports.now(),
    constants: request.constants,
    inputs: await freezeInputs(script, affected, ports.files),
    others,
  });
  return { run, startNodes, steps, warnings: loaded.warnings };
}

async function runsOf(
  { store }: Partial<Pick<OperatorPorts, "store">>,
  name: string,
): Promise<readonly RunFacts[]> {
  const keyspace = await store?.keyspace(name);
  if (store === undefined || keyspace === undefined) return [];
  const facts: RunFacts[] = [];
  for (const run of await store.runs(keyspace.incarnation))
    facts.push({ run, nodes: await store.nodes(run.incarnation, run.run) });
  return facts;
}
