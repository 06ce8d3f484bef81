import { cli } from "./cli.ts";

export interface BatchStatus {
  readonly state: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly causes: readonly { readonly code: string }[];
}

export interface NodeStatus {
  readonly node: string;
  readonly state: string;
  readonly reason: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly cause: { readonly code: string; readonly message: string } | null;
  readonly batches: readonly BatchStatus[];
}

/** What the tests read of a run report. */
export interface RunStatus {
  readonly run: number;
  readonly state: string;
  readonly outcome: string;
  readonly nodes: readonly NodeStatus[];
}

/** Report of the newest run, or of the given one; undefined while there is none. */
export async function statusOf(
  data: string,
  keyspace: string,
  run?: number,
): Promise<RunStatus | undefined> {
  const which = run === undefined ? [] : ["--run", String(run)];
  const ended = await cli(["status", "--keyspace", keyspace, "--data", data, "--json", ...which]);
  return ended.code === 0 ? (JSON.parse(ended.stdout) as RunStatus) : undefined;
}

export const batchesOf = (status: RunStatus | undefined, node: string): readonly BatchStatus[] =>
  status?.nodes.find((one) => one.node === node)?.batches ?? [];

/** How many batches of the node are in the state. */
export const countOf = (status: RunStatus | undefined, node: string, state: string): number =>
  batchesOf(status, node).filter((batch) => batch.state === state).length;
