import type { UnitKey } from "../../control.ts";
import { statement } from "../statement.ts";
import { type Table, UNIT, ofUnit } from "./places.ts";

export const unitStatements = (table: Table) => ({
  insertUnit: (unit: UnitKey, session: string, record: string) =>
    statement(
      "claim a unit",
      `INSERT INTO ${table("unit")} (incarnation, run, node, phase, unit, stamp, session, record) VALUES (?, ?, ?, ?, ?, 1, ?, ?) IF NOT EXISTS`,
      ...ofUnit(unit),
      session,
      record,
    ),
  unit: (unit: UnitKey) =>
    statement(
      "read a unit",
      `SELECT stamp, record FROM ${table("unit")} WHERE ${UNIT}`,
      ...ofUnit(unit),
    ),
  updateUnit: (
    unit: UnitKey,
    stamp: number,
    { session, record }: { readonly session: string; readonly record: string },
  ) =>
    statement(
      "change a unit",
      `UPDATE ${table("unit")} SET stamp = ?, session = ?, record = ? WHERE ${UNIT} IF stamp = ?`,
      stamp + 1,
      session,
      record,
      ...ofUnit(unit),
      stamp,
    ),
  forgetUnit: (unit: UnitKey) =>
    statement("forget a unit", `DELETE FROM ${table("unit")} WHERE ${UNIT}`, ...ofUnit(unit)),
});
