import { statement } from "../statement.ts";
import { type Table } from "./places.ts";

const ofNames = (table: Table) => ({
  enterKeyspace: (name: string, incarnation: string, physical: string) =>
    statement(
      "enter a keyspace",
      `INSERT INTO ${table("keyspace")} (name, incarnation, physical, state) VALUES (?, ?, ?, 'creating') IF NOT EXISTS`,
      name,
      incarnation,
      physical,
    ),
  keyspace: (name: string) =>
    statement(
      "read a keyspace",
      `SELECT name, incarnation, physical, state FROM ${table("keyspace")} WHERE name = ?`,
      name,
    ),
  keyspaces: () =>
    statement(
      "list keyspaces",
      `SELECT name, incarnation, physical, state FROM ${table("keyspace")}`,
    ),
  moveKeyspace: (
    name: string,
    incarnation: string,
    { from, to }: { readonly from: string; readonly to: string },
  ) =>
    statement(
      `mark a keyspace as ${to}`,
      `UPDATE ${table("keyspace")} SET state = ? WHERE name = ? IF incarnation = ? AND state = ?`,
      to,
      name,
      incarnation,
      from,
    ),
  forgetKeyspace: (name: string, incarnation: string) =>
    statement(
      "forget a keyspace",
      `DELETE FROM ${table("keyspace")} WHERE name = ? IF incarnation = ? AND state = 'dropping'`,
      name,
      incarnation,
    ),
});

const ofIncarnations = (table: Table) => ({
  enterIncarnation: (incarnation: string, name: string, physical: string) =>
    statement(
      "enter an incarnation",
      `INSERT INTO ${table("incarnation")} (incarnation, name, physical, state) VALUES (?, ?, ?, 'live') IF NOT EXISTS`,
      incarnation,
      name,
      physical,
    ),
  incarnation: (incarnation: string) =>
    statement(
      "read an incarnation",
      `SELECT name, physical, state FROM ${table("incarnation")} WHERE incarnation = ?`,
      incarnation,
    ),
  closeIncarnation: (incarnation: string) =>
    statement(
      "close an incarnation",
      `UPDATE ${table("incarnation")} SET state = 'dropping' WHERE incarnation = ? IF state = 'live'`,
      incarnation,
    ),
  forgetIncarnation: (incarnation: string) =>
    statement(
      "forget an incarnation",
      `DELETE FROM ${table("incarnation")} WHERE incarnation = ? IF state = 'dropping'`,
      incarnation,
    ),
});

export const keyspaceStatements = (table: Table) => ({
  ...ofNames(table),
  ...ofIncarnations(table),
});
