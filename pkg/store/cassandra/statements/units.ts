import { statement } from "../statement.ts";
import { type GroupKey, type Table, GROUP, ofGroup } from "./places.ts";

/** Records as JSON by number of the unit. */
export type UnitTexts = Readonly<Record<number, string>>;

export const unitStatements = (table: Table) => ({
  /** A group that nobody wrote to yet has no stamp. Units that are not named stay as they are. */
  changeUnits: (group: GroupKey, stamp: number, records: UnitTexts) =>
    statement(
      "change units",
      `UPDATE ${table("units")} SET stamp = ?, records = records + ? WHERE ${GROUP} IF stamp = ?`,
      stamp + 1,
      records,
      ...ofGroup(group),
      stamp === 0 ? null : stamp,
    ),
  units: (group: GroupKey) =>
    statement(
      "read units",
      `SELECT stamp, records FROM ${table("units")} WHERE ${GROUP}`,
      ...ofGroup(group),
    ),
  forgetUnits: (group: GroupKey) =>
    statement("forget units", `DELETE FROM ${table("units")} WHERE ${GROUP}`, ...ofGroup(group)),
});
