import { statement } from "../statement.ts";
import { type RunPlace, type Table, RUN, ofRun } from "./places.ts";

/** A row of the partition of a run. */
export interface RunRow {
  readonly kind: "run" | "node" | "event";
  readonly name: string;
  readonly number: number;
  readonly version: number;
  readonly record: string;
}

const reading = (table: Table) => ({
  insertRun: (place: RunPlace, inserted: string, record: string) =>
    statement(
      "start a run",
      `INSERT INTO ${table("run")} (incarnation, run, kind, name, number, version, inserted, record, changes, events) VALUES (?, ?, 'run', '', 0, 1, ?, ?, 0, 0) IF NOT EXISTS`,
      ...ofRun(place),
      inserted,
      record,
    ),
  /** Statics alone: what tells whether a kept copy of the partition is still true. */
  changes: (place: RunPlace) =>
    statement(
      "look at a run",
      `SELECT DISTINCT changes, closed FROM ${table("run")} WHERE ${RUN}`,
      ...ofRun(place),
    ),
  runRows: (place: RunPlace) =>
    statement(
      "read a run",
      `SELECT changes, events, closed, kind, name, inserted, record FROM ${table("run")} WHERE ${RUN} AND kind >= 'node'`,
      ...ofRun(place),
    ),
  /** A serial read is of one partition; its answer matters, not its rows. */
  settleRun: (place: RunPlace) =>
    statement(
      "settle a run",
      `SELECT changes FROM ${table("run")} WHERE ${RUN} LIMIT 1`,
      ...ofRun(place),
    ),
  events: (place: RunPlace, after: number) =>
    statement(
      "read events",
      `SELECT record FROM ${table("run")} WHERE ${RUN} AND kind = 'event' AND name = '' AND number > ?`,
      ...ofRun(place),
      after,
    ),
});

const changing = (table: Table) => ({
  countChange: (place: RunPlace, from: number, events: number) =>
    statement(
      "count a transition",
      `UPDATE ${table("run")} SET changes = ?, events = ? WHERE ${RUN} IF changes = ?`,
      from + 1,
      events,
      ...ofRun(place),
      from,
    ),
  countNodeChange: (place: RunPlace, from: number, events: number) =>
    statement(
      "count a transition",
      `UPDATE ${table("run")} SET changes = ?, events = ? WHERE ${RUN} IF changes = ? AND closed = null`,
      from + 1,
      events,
      ...ofRun(place),
      from,
    ),
  putRunRow: (place: RunPlace, { kind, name, number, version, record }: RunRow) =>
    statement(
      `write a ${kind}`,
      `UPDATE ${table("run")} SET version = ?, record = ? WHERE ${RUN} AND kind = ? AND name = ? AND number = ?`,
      version,
      record,
      ...ofRun(place),
      kind,
      name,
      number,
    ),
});

const closing = (table: Table) => ({
  closeRun: (place: RunPlace) =>
    statement(
      "close a run",
      `UPDATE ${table("run")} SET closed = true WHERE ${RUN} IF closed = null`,
      ...ofRun(place),
    ),
  /** Takes the next number, so that a start that is on its way finds it taken. */
  barRun: (place: RunPlace) =>
    statement(
      "bar new runs",
      `INSERT INTO ${table("run")} (incarnation, run, kind, name, number, closed) VALUES (?, ?, 'run', '', 0, true) IF NOT EXISTS`,
      ...ofRun(place),
    ),
  forgetRun: (place: RunPlace) =>
    statement("forget a run", `DELETE FROM ${table("run")} WHERE ${RUN}`, ...ofRun(place)),
});

const ACTIVE = 0;

const ofActive = (table: Table) => ({
  enterActive: (place: RunPlace) =>
    statement(
      "enter an active run",
      `INSERT INTO ${table("active")} (bucket, incarnation, run) VALUES (${ACTIVE}, ?, ?)`,
      ...ofRun(place),
    ),
  removeActive: (place: RunPlace) =>
    statement(
      "remove an ended run",
      `DELETE FROM ${table("active")} WHERE bucket = ${ACTIVE} AND ${RUN}`,
      ...ofRun(place),
    ),
  active: () =>
    statement(
      "list active runs",
      `SELECT incarnation, run FROM ${table("active")} WHERE bucket = ${ACTIVE}`,
    ),
});

export const runStatements = (table: Table) => ({
  ...reading(table),
  ...changing(table),
  ...closing(table),
  ...ofActive(table),
});
