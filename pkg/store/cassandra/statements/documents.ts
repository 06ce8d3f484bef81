import { statement } from "../statement.ts";
import { type Table } from "./places.ts";

export interface DocumentPlace {
  readonly scope: string;
  readonly place: string;
  readonly hash: string;
}

export interface DocumentPage {
  readonly page: number;
  /** Of the whole document. */
  readonly pages: number;
  readonly data: Uint8Array;
}

export const documentStatements = (table: Table) => ({
  putPage: ({ scope, place, hash }: DocumentPlace, { page, pages, data }: DocumentPage) =>
    statement(
      "write a document",
      `INSERT INTO ${table("document")} (scope, place, hash, page, pages, data) VALUES (?, ?, ?, ?, ?, ?)`,
      scope,
      place,
      hash,
      page,
      pages,
      data,
    ),
  pages: ({ scope, place, hash }: DocumentPlace) =>
    statement(
      "read a document",
      `SELECT page, pages, data FROM ${table("document")} WHERE scope = ? AND place = ? AND hash = ?`,
      scope,
      place,
      hash,
    ),
  forgetDocuments: (scope: string) =>
    statement(
      "forget manifests",
      `DELETE FROM ${table("document")} WHERE scope = ? AND place = ''`,
      scope,
    ),
});
