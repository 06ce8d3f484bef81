import { statement } from "../statement.ts";
import { type RunPlace, type Table, ofRun } from "./places.ts";

const SESSIONS = 0;
const DECISIONS = 0;

const ofSessions = (table: Table) => ({
  putSession: (session: string, record: string) =>
    statement(
      "renew a session",
      `INSERT INTO ${table("session")} (bucket, session, record) VALUES (${SESSIONS}, ?, ?)`,
      session,
      record,
    ),
  sessions: () =>
    statement("list sessions", `SELECT record FROM ${table("session")} WHERE bucket = ${SESSIONS}`),
  removeSession: (session: string) =>
    statement(
      "remove a session",
      `DELETE FROM ${table("session")} WHERE bucket = ${SESSIONS} AND session = ?`,
      session,
    ),
});

const ofOutputs = (table: Table) => ({
  output: (path: string) =>
    statement(
      "read an output",
      `SELECT incarnation, run, record FROM ${table("output")} WHERE path = ?`,
      path,
    ),
  insertOutput: (path: string, place: RunPlace, record: string) =>
    statement(
      "claim an output",
      `INSERT INTO ${table("output")} (path, incarnation, run, record) VALUES (?, ?, ?, ?) IF NOT EXISTS`,
      path,
      ...ofRun(place),
      record,
    ),
  updateOutput: (
    path: string,
    { record, ...place }: RunPlace & { readonly record: string },
    before: RunPlace,
  ) =>
    statement(
      "take an output over",
      `UPDATE ${table("output")} SET incarnation = ?, run = ?, record = ? WHERE path = ? IF incarnation = ? AND run = ?`,
      ...ofRun(place),
      record,
      path,
      ...ofRun(before),
    ),
});

const ofSummaries = (table: Table) => ({
  putSummary: (script: string, place: RunPlace, record: string) =>
    statement(
      "write a summary",
      `INSERT INTO ${table("summary")} (script, incarnation, run, record) VALUES (?, ?, ?, ?)`,
      script,
      ...ofRun(place),
      record,
    ),
  summaries: (script: string) =>
    statement("list summaries", `SELECT record FROM ${table("summary")} WHERE script = ?`, script),
});

const ofDecisions = (table: Table) => ({
  newestDecision: () =>
    statement(
      "find the newest decision",
      `SELECT number FROM ${table("decision")} WHERE log = ${DECISIONS} AND kind = 'number' AND name = '' ORDER BY kind DESC, name DESC, number DESC LIMIT 1`,
    ),
  decisionId: (id: string) =>
    statement(
      "find a decision",
      `SELECT number FROM ${table("decision")} WHERE log = ${DECISIONS} AND kind = 'id' AND name = ?`,
      id,
    ),
  insertDecision: (
    kind: "id" | "number",
    {
      name,
      number,
      record,
    }: { readonly name: string; readonly number: number; readonly record: string },
  ) =>
    statement(
      "record a decision",
      `INSERT INTO ${table("decision")} (log, kind, name, number, record) VALUES (${DECISIONS}, ?, ?, ?, ?) IF NOT EXISTS`,
      kind,
      name,
      number,
      record,
    ),
  decisions: () =>
    statement(
      "list decisions",
      `SELECT record FROM ${table("decision")} WHERE log = ${DECISIONS} AND kind = 'number' AND name = ''`,
    ),
});

export const installationStatements = (table: Table) => ({
  ...ofSessions(table),
  ...ofOutputs(table),
  ...ofSummaries(table),
  ...ofDecisions(table),
});
