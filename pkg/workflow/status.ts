import type { NodeRecord, NodeState, RunRecord, RunState, UnitState } from "./records.ts";

/** Codes of the reference for runs (spec/workflow.md 2.2); the vocabulary of policies and compatible answers. */
export const RUN_CODES = { none: 0, start: 1, complete: 2, stop: 3 } as const;

/** Codes of the reference for nodes and batches. */
export const NODE_CODES = { none: 0, start: 1, success: 2, fail: 3, stopreceived: 104 } as const;

const CODE_OF_RUN = {
  running: RUN_CODES.start,
  complete: RUN_CODES.complete,
  stopped: RUN_CODES.stop,
} as const satisfies Record<RunState, number>;

const CODE_OF_NODE = {
  none: NODE_CODES.none,
  waiting: NODE_CODES.none,
  running: NODE_CODES.start,
  publishing: NODE_CODES.start,
  success: NODE_CODES.success,
  fail: NODE_CODES.fail,
  stopreceived: NODE_CODES.stopreceived,
  skipped: NODE_CODES.fail,
} as const satisfies Record<NodeState, number>;

const CODE_OF_UNIT = {
  running: NODE_CODES.start,
  success: NODE_CODES.success,
  fail: NODE_CODES.fail,
} as const satisfies Record<UnitState, number>;

const namesOf = (codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(codes).map(([name, code]) => [code, name]));

const RUN_NAMES = namesOf(RUN_CODES);
const NODE_NAMES = namesOf(NODE_CODES);

export const runCode = (state: RunState): number => CODE_OF_RUN[state];

/** What policies and the compatible API see of a node: what has not begun is none, a skipped node reads as failed. */
export const nodeCode = (state: NodeState): number => CODE_OF_NODE[state];

/** Of a unit record's state; undefined for a unit that is pending. */
export const unitCode = (state: UnitState | undefined): number =>
  state === undefined ? NODE_CODES.none : CODE_OF_UNIT[state];

export const runCodeName = (code: number): string => RUN_NAMES.get(code) ?? "unknown";

export const nodeCodeName = (code: number): string => NODE_NAMES.get(code) ?? "unknown";

const FINAL: ReadonlySet<NodeState> = new Set(["success", "fail", "stopreceived", "skipped"]);

/** A final node never changes again. */
export const isFinalNode = (state: NodeState): boolean => FINAL.has(state);

export const isFinalUnit = (state: UnitState): boolean => state === "success" || state === "fail";

/** Whether the run executes the node; the others of `affected` stay none and do not count (design 4.2, attention). */
export const isCounted = (run: Pick<RunRecord, "onlyNodes">, node: string): boolean =>
  run.onlyNodes === undefined || run.onlyNodes.includes(node);

/** How a run whose counted nodes are all final ended. */
export function runOutcome(
  nodes: readonly Pick<NodeRecord, "state">[],
): NonNullable<RunRecord["outcome"]> {
  const succeeded = nodes.filter(({ state }) => state === "success").length;
  if (succeeded === nodes.length) return "succeeded";
  return succeeded === 0 ? "failed" : "partly";
}
