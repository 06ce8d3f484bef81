import type { ColumnProfile, KeyDifferences, NodeComparison, RunComparison } from "#pkg/operator";
import { distinctText, valueCell } from "./profile.ts";
import { duration, table, thousands } from "./show-summary.ts";

/** Two runs for people: what they were made from, then one line for each node. */
export function comparisonText(comparison: RunComparison): string {
  const { left, right, isSameScript, areSameParameters, areSameInputs, nodes } = comparison;
  const sides = [left, right].map(
    ({ keyspace, run, outcome, elapsedMs, startedAt }) =>
      `run ${run} of ${keyspace}: ${outcome}, started ${startedAt}${elapsedMs === null ? "" : `, ${duration(elapsedMs)}`}`,
  );
  const word = (isSame: boolean): string => (isSame ? "same" : "changed");
  const header = [
    "node",
    "content",
    "left",
    "right",
    "rows left",
    "rows right",
    "change",
    "time left",
    "time right",
  ];
  const lines = table([header, ...nodes.map(nodeCells)], TEXT_COLUMNS);
  return `left:  ${sides[0]}\nright: ${sides[1]}\nscript ${word(isSameScript)}, parameters ${word(areSameParameters)}, inputs ${word(areSameInputs)}\n\n${[...lines, ...nodes.flatMap(checkLines)].join("\n")}\n`;
}

/** Checks whose results differ. */
function checkLines({ node, left, right }: NodeComparison): readonly string[] {
  const ours = left?.checks ?? [];
  return (right?.checks ?? []).flatMap(({ check, outcome, found }) => {
    const old = ours.find((one) => one.check === check);
    const before = old === undefined ? "not checked" : `${old.outcome} (${old.found})`;
    const now = `${outcome} (${found})`;
    return before === now ? [] : [`check of ${node}, ${check}: ${before} → ${now}`];
  });
}

const TEXT_COLUMNS = 4;

function nodeCells({ node, content, left, right }: NodeComparison): readonly string[] {
  const rows = [left, right].map((side) => (side === null ? "" : thousands(side.rows)));
  const times = [left, right].map((side) => (side === null ? "" : duration(side.elapsedMs)));
  const change = left === null || right === null ? "" : changeText(left.rows, right.rows);
  return [node, content, left?.state ?? "-", right?.state ?? "-", ...rows, change, ...times];
}

function changeText(left: number, right: number): string {
  if (left === right) return "";
  const sign = right > left ? "+" : "-";
  const percent =
    left === 0 ? "" : ` ${sign}${((Math.abs(right - left) * 100) / left).toFixed(1)} %`;
  return `${sign}${thousands(Math.abs(right - left))}${percent}`;
}

/** Column profiles of one table in both runs. */
export interface ProfilePair {
  readonly table: string;
  readonly left: readonly ColumnProfile[];
  readonly right: readonly ColumnProfile[];
}

/** The columns of a table whose profiles differ, one line for each property. */
export function profilesText({ table: name, left, right }: ProfilePair): string {
  const rows = left.flatMap((column) => {
    const other = right.find((one) => one.name === column.name);
    return other === undefined ? [] : changedProperties(column, other);
  });
  if (rows.length === 0) return `columns of ${name}: no difference in their profiles\n`;
  const lines = table([["column", "property", "left", "right"], ...rows], 2);
  return `columns of ${name}:\n${lines.join("\n")}\n`;
}

function changedProperties(left: ColumnProfile, right: ColumnProfile): readonly string[][] {
  const properties: readonly (readonly [string, (column: ColumnProfile) => string])[] = [
    ["rows", ({ rows }) => thousands(rows)],
    ["empty", ({ empty }) => (empty === null ? "" : thousands(empty))],
    ["distinct", distinctText],
    ["min", ({ min }) => valueCell(min)],
    ["max", ({ max }) => valueCell(max)],
    [
      "most frequent",
      ({ top: [first] }) =>
        first === undefined ? "" : `${valueCell(first.value)} (${thousands(first.rows)})`,
    ],
  ];
  return properties
    .map(([name, text]) => [left.name, name, text(left), text(right)])
    .filter(([, , ours, theirs]) => ours !== theirs);
}

/** Counts, then the first rows of each sort. */
export function differencesText(found: KeyDifferences, name: string): string {
  const key = found.key.join(", ");
  const counts = `rows of ${name} by ${key}: ${thousands(found.same)} same, ${thousands(found.changed)} changed, ${thousands(found.onlyLeft)} only left, ${thousands(found.onlyRight)} only right`;
  const keyText = (values: readonly string[]): string => values.map(valueCell).join(", ");
  const lines = [
    ...found.changes.map(({ key: values, fields }) => {
      const changes = fields.map(
        (field) => `${field.name} ${valueCell(field.left)} → ${valueCell(field.right)}`,
      );
      return `  ${keyText(values)}: ${changes.join("; ")}`;
    }),
    ...found.left.map((values) => `  ${keyText(values)}: only left`),
    ...found.right.map((values) => `  ${keyText(values)}: only right`),
  ];
  const uncompared =
    found.uncompared.length === 0 ? [] : [`not compared: ${found.uncompared.join(", ")}`];
  return `${[counts, ...lines, ...uncompared].join("\n")}\n`;
}
