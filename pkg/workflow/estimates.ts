/** What earlier runs of a script say about the next one. Pure arithmetic; nothing is decided by it. */
export interface PastRun {
  readonly elapsedMs: number;
  readonly nodes: readonly PastNode[];
}

interface PastNode {
  readonly node: string;
  readonly state: string;
  readonly rows: number;
  readonly elapsedMs: number;
}

/** The middle of several values and their extremes. */
export interface Range {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
  /** Runs it comes from. */
  readonly runs: number;
}

/** With fewer runs nothing is said about time. */
const LEAST_RUNS = 3;

function rangeOf(values: readonly number[]): Range | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return undefined;
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] as number;
  return { middle, low, high, runs: sorted.length };
}

const succeeded = (run: PastRun, node: string): PastNode | undefined =>
  run.nodes.find((one) => one.node === node && one.state === "success");

/** Rows that a node wrote in earlier runs; undefined when it never succeeded. */
export const expectedRows = (past: readonly PastRun[], node: string): Range | undefined =>
  rangeOf(past.flatMap((run) => succeeded(run, node)?.rows ?? []));

/** Time that a node took in earlier runs. */
export const expectedTime = (past: readonly PastRun[], node: string): Range | undefined =>
  rangeOf(past.flatMap((run) => succeeded(run, node)?.elapsedMs ?? []));

/** How much of a node is done, from 0 to 1. */
export interface NodeProgress {
  readonly node: string;
  readonly done: number;
}

/**
 * The time that a run still needs, judged by runs in which the same nodes succeeded: the share of their work that is not done
 * here, times what they took. Undefined with fewer than three such runs.
 */
export function remainingTime(
  past: readonly PastRun[],
  progress: readonly NodeProgress[],
): Range | undefined {
  const remaining = past
    .filter((run) => isSameWork(run, progress))
    .map((run) => run.elapsedMs * (1 - shareDone(run, progress)));
  return remaining.length < LEAST_RUNS ? undefined : rangeOf(remaining);
}

const isSameWork = (run: PastRun, progress: readonly NodeProgress[]): boolean =>
  run.nodes.filter(({ state }) => state !== "none").length === progress.length &&
  progress.every(({ node }) => succeeded(run, node) !== undefined);

function shareDone(run: PastRun, progress: readonly NodeProgress[]): number {
  let [work, done] = [0, 0];
  for (const one of progress) {
    // A node that took no time still counts for something, so that a run of such nodes has a share.
    const weight = 1 + (succeeded(run, one.node) as PastNode).elapsedMs;
    work += weight;
    done += weight * one.done;
  }
  return work === 0 ? 1 : done / work;
}
