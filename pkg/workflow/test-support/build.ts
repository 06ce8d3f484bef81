import type {
  DependencyPolicy,
  DistinctNode,
  FileTableNode,
  Index,
  LookupNode,
  Script,
  ScriptNode,
  TableFileNode,
  TableTableNode,
  TableWriter,
} from "#pkg/script";
import type { NodeRecord, RunConstants, RunRecord, UnitOutcome, UnitRecord } from "../records.ts";

/** Builders of small scripts and records for tests; every part may be replaced. */
const common = (name: string) =>
  ({
    name,
    description: "",
    startPolicy: "auto",
    rerunPolicy: "rerun",
    place: { file: "script.json", line: 1, column: 1 },
  }) as const;

export const anIndex = (name: string, unique = false): Index => ({
  name,
  unique,
  components: [{ field: "id", type: "int", descending: false, ignoreCase: false }],
});

const writer = (table: string, indexes: readonly Index[] = []): TableWriter => ({
  table,
  fields: [{ name: "id", type: "int", expression: "r.id", defaultText: "" }],
  having: "",
  indexes,
});

const tableOf = (node: string): string => `t_${node}`;

export const aFileTable = (name: string, changes: Partial<FileTableNode> = {}): FileTableNode => ({
  ...common(name),
  kind: "file_table",
  reader: {
    format: "csv",
    urls: ["/in/a.csv"],
    separator: ",",
    headerIndex: 0,
    firstDataIndex: 1,
    byHeader: true,
    columns: [{ name: "id", type: "int", header: "id", index: 0, format: "", defaultText: "" }],
  },
  writer: writer(tableOf(name)),
  ...changes,
});

export const aTableTable = (
  name: string,
  source: string,
  changes: Partial<TableTableNode> = {},
): TableTableNode => ({
  ...common(name),
  kind: "table_table",
  policy: "newest",
  reader: { table: tableOf(source), rowsetSize: 1000 },
  writer: writer(tableOf(name)),
  ...changes,
});

export const aDistinct = (
  name: string,
  source: string,
  changes: Partial<DistinctNode> = {},
): DistinctNode => ({
  ...common(name),
  kind: "distinct_table",
  rerunPolicy: "fail",
  policy: "newest",
  reader: { table: tableOf(source), rowsetSize: 1000 },
  writer: writer(tableOf(name), [anIndex(`idx_${name}`, true)]),
  ...changes,
});

/** Left rows from `left`, looked up in the index that `right` must carry. */
export const aLookup = (
  name: string,
  { left, right }: { readonly left: string; readonly right: string },
  changes: Partial<LookupNode> = {},
): LookupNode => ({
  ...common(name),
  kind: "table_lookup_table",
  policy: "newest",
  reader: { table: tableOf(left), rowsetSize: 1000 },
  lookup: {
    index: `idx_${right}`,
    table: tableOf(right),
    leftFields: ["id"],
    components: anIndex("x").components,
    join: "inner",
    group: false,
    filter: "",
  },
  writer: writer(tableOf(name)),
  ...changes,
});

export const aTableFile = (
  name: string,
  source: string,
  changes: Partial<TableFileNode> = {},
): TableFileNode => ({
  ...common(name),
  kind: "table_file",
  policy: "newest",
  reader: { table: tableOf(source), rowsetSize: 1000 },
  writer: {
    format: "csv",
    urlTemplate: `/out/${name}_{batch_idx|string}.csv`,
    separator: ",",
    dialect: "rfc4180",
    columns: [],
    having: "",
  },
  ...changes,
});

const rule = (command: "go" | "wait" | "nogo", expression: string) => ({ command, expression });

/** The policy that every known script carries, latest vocabulary (spec/workflow.md 5.4). */
export const newestPolicy: DependencyPolicy = {
  name: "newest",
  isDefault: true,
  vocabulary: "nrs",
  order: [
    { field: "run_is_current", type: "bool", descending: true, ignoreCase: false },
    { field: "run_id", type: "int", descending: true, ignoreCase: false },
  ],
  rules: [
    rule("go", when("nrs", true, ["Start"], "Success")),
    rule("wait", when("nrs", true, ["Start", "None"], "None")),
    rule("wait", when("nrs", true, ["Start", "None"], "Start")),
    rule("nogo", when("nrs", true, ["Start"], "Fail")),
    rule("go", when("nrs", false, ["Start"], "Success")),
    rule("wait", when("nrs", false, ["Start", "None"], "None")),
    rule("wait", when("nrs", false, ["Start", "None"], "Start")),
    rule("go", when("nrs", false, ["Complete"], "Success")),
    rule("nogo", when("nrs", false, ["Complete"], "Fail")),
    rule("nogo", "nrs.run_is_current == false && nrs.run_status == wfmodel.RunStop"),
  ],
};

/** The same policy as scripts of 1.1.6 carry it. */
export const newestPolicy116: DependencyPolicy = {
  name: "newest",
  isDefault: true,
  vocabulary: "e",
  order: [
    { field: "run_is_current", type: "bool", descending: true, ignoreCase: false },
    { field: "node_start_ts", type: "datetime", descending: true, ignoreCase: false },
  ],
  rules: [
    rule("go", when("e", true, ["Start"], "Success")),
    rule("wait", when("e", true, ["Start"], "None")),
    rule("wait", when("e", true, ["Start"], "Start")),
    rule("nogo", when("e", true, ["Start"], "Fail")),
    rule("go", when("e", false, ["Start"], "Success")),
    rule("wait", when("e", false, ["Start"], "None")),
    rule("wait", when("e", false, ["Start"], "Start")),
    rule("go", when("e", false, ["Complete"], "Success")),
    rule("nogo", when("e", false, ["Complete"], "Fail")),
  ],
};

function when(
  prefix: "nrs" | "e",
  isCurrent: boolean,
  runs: readonly string[],
  node: string,
): string {
  const status = prefix === "e" ? "run_final_status" : "run_status";
  const run = runs.map((name) => `${prefix}.${status} == wfmodel.Run${name}`).join(" || ");
  return `${prefix}.run_is_current == ${isCurrent} && (${run}) && ${prefix}.node_status == wfmodel.NodeBatch${node}`;
}

export const aScript = (
  nodes: readonly ScriptNode[],
  policies: readonly DependencyPolicy[] = [newestPolicy],
): Script => ({ dialect: "latest", nodes, policies });

export const constants: RunConstants = {
  chunkRows: 1000,
  chunkBytes: 90_000,
  rangeSize: 64 * 1024 * 1024,
  broadcastLimit: 32 * 1024 * 1024,
  partitions: 0,
};

export const aRun = (run: number, changes: Partial<RunRecord> = {}): RunRecord => ({
  incarnation: "inc",
  keyspace: "ks",
  run,
  version: 1,
  state: "running",
  epoch: 1,
  startNodes: [],
  affected: [],
  executors: [],
  documents: { script: "s", scriptText: "t", parameters: "p", inputs: "i" },
  scriptUrl: "/scripts/orders.json",
  parametersUrl: "",
  description: "",
  startedBy: "test",
  constants,
  outputs: [],
  startedAt: 1000,
  comment: "",
  ...changes,
});

export const aNode = (
  run: number,
  node: string,
  changes: Partial<NodeRecord> = {},
): NodeRecord => ({ incarnation: "inc", run, node, version: 1, state: "none", ...changes });

export const anOutcome = (written: number, changes: Partial<UnitOutcome> = {}): UnitOutcome => ({
  counts: { read: written, written, filtered: 0, rejected: 0, duplicates: 0 },
  chunks: written > 0 ? [written] : [],
  bytes: written * 10,
  valueHash: `hash-${written}`,
  ...changes,
});

export const aUnit = (token: string, changes: Partial<UnitRecord> = {}): UnitRecord => ({
  state: "success",
  token,
  session: "s1",
  epoch: 1,
  attempt: 1,
  faults: 0,
  losses: 0,
  causes: [],
  startedAt: 1,
  ...changes,
});
