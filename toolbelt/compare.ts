import { Fault } from "#pkg/fault";
import {
  compareKeys,
  compareRuns,
  findKeyspace,
  findRun,
  findTable,
  profileColumns,
  scriptOfRun,
  type KeyDifferences,
  type NodeComparison,
  type OperatorPorts,
  type RunComparison,
} from "#pkg/operator";
import type { RunRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import {
  comparisonText,
  differencesText,
  profilesText,
  type ProfilePair,
} from "./show-comparison.ts";

export interface CompareRequest {
  /** Run number or keyspace:run; absent: the newest two of the keyspace. */
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
  readonly key: readonly string[];
  readonly profile: boolean;
  readonly limit: number;
}

interface Style {
  readonly folder: string;
  readonly json: boolean;
}

/** `compare`: two runs side by side, on request with column profiles and the rows that differ. */
export async function showComparison(
  context: Context,
  request: CompareRequest,
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const { ports } = installation;
  const [left, right] = await runsOf(ports, request);
  const comparison = await compareRuns(ports.store, left, right);
  const pair = { left, right };
  const profiles = request.profile ? await profilesOf(ports, pair, request, comparison) : [];
  const differences =
    request.table === undefined ? undefined : await keysOf(ports, pair, request, request.table);
  if (style.json)
    context.out(
      `${JSON.stringify({ ...comparison, profiles, differences: differences ?? null })}\n`,
    );
  else
    context.out(
      [
        comparisonText(comparison),
        ...profiles.map(profilesText),
        ...(differences === undefined ? [] : [differencesText(differences, request.table ?? "")]),
      ].join("\n"),
    );
  return EXIT.success;
}

async function runsOf(
  ports: OperatorPorts,
  { left, right, keyspace }: CompareRequest,
): Promise<readonly [RunRecord, RunRecord]> {
  if (left !== undefined && right !== undefined)
    return [await runOf(ports, left, keyspace), await runOf(ports, right, keyspace)];
  if (left !== undefined || keyspace === undefined)
    throw new Fault("USAGE", "name two runs, or a keyspace whose newest two are compared", {
      hint: "For example: capitoolbelt compare 1 2 --keyspace orders",
    });
  const { incarnation } = await findKeyspace(ports.store, keyspace);
  const [newest, before] = (await ports.store.runs(incarnation)).toReversed();
  if (newest !== undefined && before !== undefined) return [before, newest];
  throw new Fault("RUN_MISSING", `keyspace "${keyspace}" has fewer than two runs to compare`);
}

async function runOf(
  { store }: OperatorPorts,
  text: string,
  keyspace: string | undefined,
): Promise<RunRecord> {
  const [, named, number] = /^(?:([A-Za-z0-9_]+):)?([1-9]\d*)$/.exec(text) ?? [];
  const owner = named ?? keyspace;
  if (number === undefined || owner === undefined)
    throw new Fault("USAGE", `"${text}" does not name a run`, {
      hint: "Write the number with --keyspace, or keyspace:number.",
    });
  return findRun(store, owner, Number(number));
}

interface Pair {
  readonly left: RunRecord;
  readonly right: RunRecord;
}

const tableAt = (table: string, { keyspace, run }: RunRecord) => ({ keyspace, table, run });

async function keysOf(
  ports: OperatorPorts,
  { left, right }: Pair,
  { key, limit }: CompareRequest,
  table: string,
): Promise<KeyDifferences> {
  const tables = {
    left: await findTable(ports, tableAt(table, left)),
    right: await findTable(ports, tableAt(table, right)),
  };
  return compareKeys(ports, tables, { key, limit });
}

/** Of the named table, or of every table that may differ. */
async function profilesOf(
  ports: OperatorPorts,
  { left, right }: Pair,
  { table, limit }: CompareRequest,
  comparison: RunComparison,
): Promise<readonly ProfilePair[]> {
  const names =
    table === undefined ? await differingTables(ports, left, comparison.nodes) : [table];
  const pairs: ProfilePair[] = [];
  const wanted = { columns: [], top: limit };
  for (const name of names)
    pairs.push({
      table: name,
      left: await profileColumns(ports, await findTable(ports, tableAt(name, left)), wanted),
      right: await profileColumns(ports, await findTable(ports, tableAt(name, right)), wanted),
    });
  return pairs;
}

async function differingTables(
  { store }: OperatorPorts,
  run: RunRecord,
  nodes: readonly NodeComparison[],
): Promise<readonly string[]> {
  const script = await scriptOfRun(store, run);
  const differing = new Set(
    nodes
      .filter(
        ({ content, left, right }) =>
          content !== "same" && left?.state === "success" && right?.state === "success",
      )
      .map(({ node }) => node),
  );
  return script.nodes.flatMap((node) =>
    node.kind !== "table_file" && differing.has(node.name) ? [node.writer.table] : [],
  );
}
