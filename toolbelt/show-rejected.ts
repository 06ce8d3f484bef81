import { isAbsolute, relative } from "node:path";
import { counted } from "#pkg/fault";
import { listRejected, type Rejected, type RejectedRequest } from "#pkg/operator";
import type { Context } from "./context.ts";
import { csvLine } from "./csv-line.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { table } from "./show-summary.ts";

interface Style {
  readonly folder: string;
  readonly json: boolean;
  readonly csv: boolean;
  /** How many to print. */
  readonly rows: number | undefined;
}

const ROWS_FOR_PEOPLE = 20;
const WIDEST_CELL = 48;
/** Printed before it is asked whether anybody reads them. */
const ROWS_AHEAD = 500;

/** Rejected rows on stdout as a table, CSV or JSON; how many there are and why on stderr. Memory: one piece of them. */
export async function showRejected(
  context: Context,
  request: RejectedRequest,
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const { names, rows } = await listRejected(installation.ports, request);
  const isForPeople = !style.csv && !style.json;
  const limit = style.rows ?? (isForPeople ? ROWS_FOR_PEOPLE : Number.POSITIVE_INFINITY);
  const printer = style.csv
    ? csvPrinter(context, names)
    : style.json
      ? jsonPrinter(context)
      : tablePrinter(context);
  const reasons = new Map<string, number>();
  let printed = 0;
  for await (const piece of rows())
    for (const row of piece) {
      reasons.set(row.reason, (reasons.get(row.reason) ?? 0) + 1);
      if (printed < limit) printer.row(row);
      printed += 1;
      if (printed % ROWS_AHEAD === 0) await context.drained();
    }
  printer.end();
  context.err(summaryOf(reasons, Math.min(printed, limit)));
  return EXIT.success;
}

interface Printer {
  row(row: Rejected): void;
  end(): void;
}

const FIXED = [
  "node",
  "input",
  "file",
  "line",
  "column",
  "value",
  "reason",
  "message",
  "decision",
] as const;

/** Everything that is needed to correct a row; what was read has the prefix r. See read-corrections.ts. */
function csvPrinter(context: Context, names: readonly string[]): Printer {
  context.out(csvLine([...FIXED, ...names.map((name) => `r.${name}`)]));
  return {
    row: (row) =>
      context.out(
        csvLine([
          ...FIXED.map((name) => String(row[name])),
          ...names.map((name) => row.values[name] ?? ""),
        ]),
      ),
    end: () => undefined,
  };
}

function jsonPrinter(context: Context): Printer {
  let separator = "[";
  return {
    row(row) {
      context.out(`${separator}${JSON.stringify(row)}`);
      separator = ",\n";
    },
    end: () => context.out(separator === "[" ? "[]\n" : "]\n"),
  };
}

function tablePrinter(context: Context): Printer {
  const cells: (readonly string[])[] = [];
  return {
    row: ({ node, file, line, column, value, reason, message, decision }) =>
      cells.push([
        node,
        endOf(fromHere(context.cwd, file)),
        ...[String(line), column, value, reason, message, decision].map(inOneLine),
      ]),
    end() {
      if (cells.length === 0) return;
      const header = ["node", "file", "line", "column", "value", "reason", "message", "decision"];
      context.out(`${table([header, ...cells], header.length).join("\n")}\n`);
    },
  };
}

/** A file below the current folder as one would type it. */
function fromHere(cwd: string, file: string): string {
  const path = isAbsolute(file) ? relative(cwd, file) : "";
  return path === "" || path.startsWith("..") ? file : path;
}

/** Of a path the end tells more. */
const endOf = (path: string): string =>
  path.length > WIDEST_CELL ? `…${path.slice(1 - WIDEST_CELL)}` : path;

function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > WIDEST_CELL ? `${line.slice(0, WIDEST_CELL - 1)}…` : line;
}

function summaryOf(reasons: ReadonlyMap<string, number>, printed: number): string {
  const total = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return "no rejected rows\n";
  const list = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(", ");
  const more = printed < total ? `; ${printed} shown, see --rows` : "";
  return `${counted(total, "rejected row")}: ${list}${more}\n`;
}
