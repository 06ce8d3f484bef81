import { expect, test } from "vitest";
import { controlStatements } from "./control-statements.ts";
import { controlTables, createKeyspace, dataTables, dropKeyspace, physicalName } from "./schema.ts";
import { readSegments, writeSegment } from "./table-statements.ts";
import type { Statement } from "./statement.ts";

const run = { incarnation: "i", run: 1 };
const phase = { ...run, node: "n", phase: "rows" } as const;
const group = { ...phase, first: 80 };
const attempt = { ...phase, unit: 5, token: "t" };
const piece = { kind: "chunk", name: "", part: 0, seq: 2001 } as const;
const document = { scope: "s", place: "p", hash: "h" };
const all = controlStatements("capillaries");

const examples: Readonly<Record<keyof typeof all, Statement>> = {
  enterKeyspace: all.enterKeyspace("k", "i", "k_1"),
  keyspace: all.keyspace("k"),
  keyspaces: all.keyspaces(),
  moveKeyspace: all.moveKeyspace("k", "i", { from: "live", to: "dropping" }),
  forgetKeyspace: all.forgetKeyspace("k", "i"),
  enterIncarnation: all.enterIncarnation("i", "k", "k_1"),
  incarnation: all.incarnation("i"),
  closeIncarnation: all.closeIncarnation("i"),
  forgetIncarnation: all.forgetIncarnation("i"),
  putPage: all.putPage(document, { page: 0, pages: 1, data: Buffer.from("x") }),
  pages: all.pages(document),
  forgetDocuments: all.forgetDocuments("s"),
  insertRun: all.insertRun(run, "hash", "{}"),
  changes: all.changes(run),
  runRows: all.runRows(run),
  settleRun: all.settleRun(run),
  events: all.events(run, 3),
  countChange: all.countChange(run, 4, 2),
  countNodeChange: all.countNodeChange(run, 4, 2),
  putRunRow: all.putRunRow(run, { kind: "node", name: "n", number: 0, version: 2, record: "{}" }),
  closeRun: all.closeRun(run),
  barRun: all.barRun(run),
  forgetRun: all.forgetRun(run),
  enterActive: all.enterActive(run),
  removeActive: all.removeActive(run),
  active: all.active(),
  changeUnits: all.changeUnits(group, 0, { 80: "{}", 82: "{}" }),
  units: all.units(group),
  forgetUnits: all.forgetUnits(group),
  enterGroup: all.enterGroup(group),
  endGroup: all.endGroup(group, { succeeded: 1, failed: 2, rejected: 3 }),
  groups: all.groups(phase),
  forgetGroups: all.forgetGroups(phase),
  putSession: all.putSession("s", "{}"),
  sessions: all.sessions(),
  removeSession: all.removeSession("s"),
  output: all.output("o"),
  insertOutput: all.insertOutput("o", run, "{}"),
  updateOutput: all.updateOutput("o", { ...run, record: "{}" }, { incarnation: "j", run: 2 }),
  putSummary: all.putSummary("x", run, "{}"),
  summaries: all.summaries("x"),
  newestDecision: all.newestDecision(),
  decisionId: all.decisionId("d"),
  insertDecision: all.insertDecision("id", { name: "d", number: 0, record: "{}" }),
  decisions: all.decisions(),
};

test("every statement of the control keyspace, word by word", () => {
  expect(Object.values(examples).map(shown).join("\n")).toMatchSnapshot();
});

test("definitions and statements of table data, word by word", () => {
  const statements = [
    createKeyspace("k_1", "{ 'class': 'SimpleStrategy' }"),
    ...[...controlTables("capillaries"), ...dataTables("k_1")].map((table) => table.statement),
    dropKeyspace("k_1"),
    writeSegment("k_1", attempt, piece, { seg: 0, segs: 1, data: Buffer.from("x") }),
    readSegments("k_1", attempt, piece, 2005),
  ];
  expect(statements.map(shown).join("\n")).toMatchSnapshot();
});

test("a statement has as many parameters as places for them", () => {
  for (const { text, parameters } of Object.values(examples))
    expect([text, text.split("?").length - 1]).toEqual([text, parameters.length]);
});

test("columns that a condition reads are written by conditional statements only", () => {
  const conditional = /^(INSERT|UPDATE|DELETE).*\bIF\b/;
  const fenced = /"(keyspace|incarnation|run|units|output|decision)"/;
  const plain = Object.entries(examples).filter(
    ([, { text }]) => fenced.test(text) && !text.startsWith("SELECT") && !conditional.test(text),
  );
  // putRunRow is only sent in a batch with countChange; the others remove what nobody can reach any more.
  expect(plain.map(([name]) => name)).toEqual(["putRunRow", "forgetRun", "forgetUnits"]);
});

test("each incarnation has a name of its own in Cassandra, within the limit of 48 characters", () => {
  expect(physicalName("sales", "i1")).not.toBe(physicalName("sales", "i2"));
  expect(physicalName("A".repeat(48), "i1")).toHaveLength(48);
  expect(physicalName("sales", "i1")).toMatch(/^sales_[0-9a-f]{16}$/);
});

function shown({ text, parameters }: Statement): string {
  return parameters.length === 0 ? text : `${text}\n    ${JSON.stringify(parameters)}`;
}
