import type { PhaseKey } from "../../control.ts";
import { statement } from "../statement.ts";
import { type GroupKey, type Table, PHASE, ofGroup, ofPhase } from "./places.ts";

export interface GroupSums {
  readonly succeeded: number;
  readonly failed: number;
  readonly rejected: number;
}

export const groupStatements = (table: Table) => ({
  enterGroup: (group: GroupKey) =>
    statement(
      "enter a group of units",
      `INSERT INTO ${table("groups")} (incarnation, run, node, phase, first) VALUES (?, ?, ?, ?, ?)`,
      ...ofGroup(group),
    ),
  endGroup: (group: GroupKey, { succeeded, failed, rejected }: GroupSums) =>
    statement(
      "note the end of a group of units",
      `INSERT INTO ${table("groups")} (incarnation, run, node, phase, first, succeeded, failed, rejected) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...ofGroup(group),
      succeeded,
      failed,
      rejected,
    ),
  groups: (phase: PhaseKey) =>
    statement(
      "list groups of units",
      `SELECT first, succeeded, failed, rejected FROM ${table("groups")} WHERE ${PHASE}`,
      ...ofPhase(phase),
    ),
  forgetGroups: (phase: PhaseKey) =>
    statement(
      "forget groups of units",
      `DELETE FROM ${table("groups")} WHERE ${PHASE}`,
      ...ofPhase(phase),
    ),
});
