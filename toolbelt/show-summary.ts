import type { NodeReport, RunReport } from "#pkg/operator";
import type { Range } from "#pkg/workflow";

export const thousands = (value: number): string =>
  String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** For people: 0.42 s, 12 s, 3 min 5 s, 2 h 10 min. */
export function duration(ms: number): string {
  if (ms < 9995) return seconds(ms);
  const whole = Math.round(ms / 1000);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `12 s (8 s to 20 s)`, or the middle alone where all read alike. */
export const rangeText = ({ middle, low, high }: Range, text: (value: number) => string): string =>
  text(low) === text(high) ? text(middle) : `${text(middle)} (${text(low)} to ${text(high)})`;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** The table at the end of a run: one line a node, then causes, warnings and files. For people. */
export function summaryOf(report: RunReport): string {
  const lines = [
    ...table(rowsOf(report)),
    ...report.nodes.flatMap((node) => remarksOf(node, causesOf(report))),
    ...report.nodes.flatMap(({ outputs }) => outputs.map(({ url }) => `wrote ${url}`)),
    `run ${report.run} of keyspace ${report.keyspace}: ${wordOf(report)} in ${seconds(report.elapsedMs)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Rejected and waived rows get a column only when there are some. */
function rowsOf({ nodes }: RunReport): readonly (readonly string[])[] {
  const asides = (["rejected", "waived"] as const).filter((name) =>
    nodes.some(({ rows }) => rows[name] > 0),
  );
  const header = ["node", "state", "read", "written", ...asides, "time"];
  const cells = nodes.map(({ node, state, adopted, rows, elapsedMs }) => [
    node,
    adopted === null ? state : `${state} (run ${adopted})`,
    thousands(rows.read),
    thousands(rows.written),
    ...asides.map((name) => thousands(rows[name])),
    seconds(elapsedMs),
  ]);
  return [header, ...cells];
}

const wordOf = ({ state, outcome }: RunReport): string =>
  state === "complete" ? (outcome === "partly" ? "partly failed" : String(outcome)) : state;

/** What is said about nodes that failed here; nodes below them need not say it again. */
const causesOf = ({ nodes }: RunReport): ReadonlyMap<string, string> =>
  new Map(
    nodes.flatMap(({ node, state, cause }) =>
      cause === null || state === "skipped" ? [] : [[node, cause.message]],
    ),
  );

/** Of a node that was held up by one that explains itself: only by which. */
function causeOf({ node, cause }: NodeReport, causes: ReadonlyMap<string, string>): string[] {
  if (cause === null) return [];
  const { root, why } = cause.facts;
  if (cause.code === "SOURCE_FAILED" && causes.get(String(root)) === why)
    return [`${node}: cannot run because node "${String(root)}" did not succeed`];
  return [`${node}: ${cause.message}`, `  → ${cause.hint}`];
}

function remarksOf(node: NodeReport, causes: ReadonlyMap<string, string>): string[] {
  const cause = causeOf(node, causes);
  const waits =
    node.state === "waiting" && node.reason !== "" ? [`${node.node} waits: ${node.reason}`] : [];
  return [
    ...cause,
    ...waits,
    ...checksOf(node),
    ...node.warnings.map((text) => `${node.node}: warning: ${text}`),
  ];
}

/** Checks that hold in one line; the others are said by the cause or a warning. */
function checksOf({ node, checks }: NodeReport): readonly string[] {
  const count = (outcome: string): number =>
    checks.filter((check) => check.outcome === outcome).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  const parts = [
    ...(passed > 0 ? [`${passed} passed`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped (nothing to compare with)`] : []),
  ];
  return parts.length === 0 ? [] : [`${node}: checks: ${parts.join(", ")}`];
}

const NAME_COLUMNS = 2;

/** Aligned columns; the first ones to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[], left: number = NAME_COLUMNS): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? "").length)),
  );
  const align = (cell: string, at: number): string =>
    at < left ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return rows.map((row) => row.map(align).join("  ").trimEnd());
}
