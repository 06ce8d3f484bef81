/* eslint-disable unicorn/no-thenable -- `then` is a key of the script language */
import { expect, test } from "vitest";
import { aFileTable, aTableFile } from "../test-support/build.ts";
import { areChecksChanged, contentChanges } from "./content-changes.ts";

const node = aFileTable("read");
const lenient = { records: true, rows: true };

test("only a stricter handling of bad rows makes committed batches invalid", () => {
  const rejecting = aFileTable("read", { rejects: lenient });
  const onlyRecords = aFileTable("read", { rejects: { records: true, rows: false } });
  const onlyRows = aFileTable("read", { rejects: { records: false, rows: true } });
  expect(contentChanges(node, rejecting)).toEqual([]);
  expect(contentChanges(rejecting, rejecting)).toEqual([]);
  for (const stricter of [node, onlyRecords, onlyRows])
    expect(contentChanges(rejecting, stricter)).toEqual(["on_error"]);
});

test("checks are compared as a whole", () => {
  const checks = [
    { then: "warn", condition: { kind: "rows", min: 1 } },
  ] as unknown as typeof node.checks;
  const checked = checks === undefined ? node : aFileTable("read", { checks });
  expect(areChecksChanged(checked, checked)).toBe(false);
  expect(areChecksChanged(node, checked)).toBe(true);
});

test("a file is made of everything in its node, a table not of indexes that are not unique", () => {
  const file = aTableFile("file", "read");
  expect(contentChanges(file, file)).toEqual([]);
  expect(contentChanges(file, aTableFile("file", "other"))).not.toEqual([]);
});
