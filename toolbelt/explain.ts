import { asFault, counted, Fault } from "#pkg/fault";
import {
  checkStartNodes,
  explain,
  loadScript,
  pastRuns,
  type NodeExplanation,
  type Past,
} from "#pkg/operator";
import { formatProblems } from "#pkg/script";
import { suggestion } from "#pkg/expression";
import type { RunConstants } from "#pkg/workflow";
import { absoluteUrl } from "./absolute-url.ts";
import type { Context } from "./context.ts";
import { readingFor } from "./files-for.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { duration, rangeText, thousands } from "./show-summary.ts";

export interface ExplainFlags {
  readonly scriptUrl: string;
  readonly parametersUrl: string;
  readonly overrides: Readonly<Record<string, string>>;
  readonly startNodes: readonly string[] | undefined;
  /** Empty: all. */
  readonly nodes: readonly string[];
  readonly constants: RunConstants;
  readonly json: boolean;
  readonly folder: string;
  /** Without it a missing data folder means that there are no earlier runs. */
  readonly isFolderNamed: boolean;
}

/** `explain`: what every node would do, on stdout; nothing runs and nothing is written. */
export async function explainScript(context: Context, flags: ExplainFlags): Promise<number> {
  const reading = await readingFor(context);
  const { files } = reading;
  const { script, warnings } = await loadScript(reading, flags);
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  const startNodes = checkStartNodes(script, flags.startNodes);
  const names = script.nodes.map(({ name }) => name);
  const wanted = chosen(names, flags.nodes);
  const past = await readPast(context, flags, names);
  const absolute = {
    facts: (url: string) => files.facts(absoluteUrl(context, url)),
    list: (url: string) => files.list(absoluteUrl(context, url)),
  };
  const request = { startNodes, constants: flags.constants, past };
  const nodes = (await explain({ ...files, ...absolute }, script, request)).filter(({ node }) =>
    wanted.has(node),
  );
  if (flags.json) context.out(`${JSON.stringify({ earlierRuns: past.length, nodes })}\n`);
  else context.out(`${nodes.map(textOf).join("\n\n")}\n\n${historyText(past.length)}\n`);
  return EXIT.success;
}

function chosen(names: readonly string[], wanted: readonly string[]): ReadonlySet<string> {
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return new Set(wanted.length === 0 ? names : wanted);
  const near = suggestion(unknown, names);
  throw new Fault("NODE_MISSING", `the script has no node "${unknown}"`, {
    facts: { node: unknown, nodes: names },
    hint: near === undefined ? `Nodes are: ${names.join(", ")}.` : `Did you mean "${near}"?`,
  });
}

async function readPast(
  context: Context,
  flags: ExplainFlags,
  affected: readonly string[],
): Promise<readonly Past[]> {
  try {
    await using installation = await openInstallation(context, flags.folder, { create: false });
    const asked = { scriptUrl: flags.scriptUrl, folder: context.cwd, affected };
    return await pastRuns(installation.ports.store, asked);
  } catch (error) {
    const fault = asFault(error);
    const isAbsent = (fault.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
    if (fault.code === "STORE_UNAVAILABLE" && isAbsent && !flags.isFolderNamed) return [];
    throw fault;
  }
}

const historyText = (runs: number): string =>
  runs === 0
    ? "No earlier run of this script: rows and times are not known."
    : `Rows and times from ${runs === 1 ? "one earlier run" : `${runs} earlier runs`} of this script.`;

type Line = readonly [string, string];

/** One node as a block of labelled lines; lines without content are left out. */
function textOf(node: NodeExplanation): string {
  const lines: Line[] = [
    ["", node.description],
    ...node.files.map(({ url, bytes }): Line => ["file", `${url} (${sizeText(bytes)})`]),
    [
      "reads",
      node.source === null
        ? ""
        : `${node.source.table} of ${node.source.node}, policy ${node.policy}`,
    ],
    ...lookupLines(node),
    ["batches", batchesText(node)],
    ["phases", phasesText(node)],
    ["writes", node.target],
    ...node.fields.map(({ name, type, expression }): Line => [
      "",
      `${name} ${type} = ${expression}`,
    ]),
    ["having", node.having],
    ["order", node.order],
    [
      "limit",
      node.limit === null ? "" : `the first ${counted(node.limit, "row", thousands(node.limit))}`,
    ],
    ...node.indexes.map(({ name, unique, key }): Line => [
      "index",
      `${name} ${unique ? "unique" : "non_unique"}(${key})`,
    ]),
    ["rejects", node.rejects],
    ...node.checks.map(({ check, severity }): Line => ["check", `${check}, else ${severity}`]),
    ["rows", node.rows === null ? "" : rangeText(node.rows, (rows) => thousands(Math.round(rows)))],
    ["time", node.elapsedMs === null ? "" : rangeText(node.elapsedMs, duration)],
  ];
  const manual = node.startPolicy === "manual" ? ", manual" : "";
  const notStarted = node.isStarted ? "" : ", not started by these start nodes";
  const title = `${node.node}  ${node.kind}${manual}, line ${node.line}${notStarted}`;
  const shown = lines.filter(([, text]) => text !== "");
  return [title, ...shown.map(([label, text]) => `  ${label.padEnd(LABEL)} ${text}`)].join("\n");
}

const LABEL = 7;

const sizeText = (bytes: number | null): string =>
  bytes === null ? "cannot be read" : `${thousands(bytes)} bytes`;

function lookupLines({ lookup }: NodeExplanation): readonly Line[] {
  if (lookup === null) return [];
  const { join, group, index, table, node, on, filter, plan } = lookup;
  const kind = `${join} join${group ? ", grouped" : ""}`;
  return [
    ["lookup", `${kind} with ${table} of ${node} by ${index} on ${on}`],
    ["", filter === "" ? "" : `where ${filter}`],
    ["plan", plan ?? "chosen when it starts, from the size of the right table"],
  ];
}

function batchesText({ batches, batchesFrom }: NodeExplanation): string {
  if (batches === null) return "chosen when it starts, from the rows of the source";
  return batchesFrom === "files"
    ? `${batches}, one for each file`
    : `${batches}, from ${batchesFrom === "script" ? "the script" : "the size of the source in earlier runs"}`;
}

/** Only where there is more than the batches themselves. */
const phasesText = ({ phases }: NodeExplanation): string =>
  phases === null || phases.length === 1
    ? ""
    : phases.map(({ name, units }) => `${name} ${units}`).join(", ");
