import { expect, test } from "vitest";
import type { ToolbeltSettings } from "#pkg/config";
import { placeOf, type Place } from "./place.ts";

const settings: ToolbeltSettings = {
  file: undefined,
  notes: [],
  privateKeys: {},
  customProcessors: {},
  logLevel: "info",
};
const cassandra = { hosts: ["db1", "db2"] };

const at = (
  data: string,
  cluster: boolean,
  named: Partial<ToolbeltSettings> = {},
): Pick<Place, "name" | "byDaemons"> => {
  const { name, byDaemons } = placeOf("/work", { data, cluster }, { ...settings, ...named });
  return { name, byDaemons };
};

test("the flag --data is a folder whatever the settings name", () => {
  expect(at("d", false, { cassandra })).toEqual({ name: "/work/d", byDaemons: false });
  expect(at("/d", true, { cassandra })).toEqual({ name: "/d", byDaemons: true });
});

test("a database that the settings name is the installation, and its runs are for workers", () => {
  expect(at("", false, { cassandra, data: "/d" })).toEqual({ name: "db1,db2", byDaemons: true });
});

test("without a database it is the folder of the settings, or ./data", () => {
  expect(at("", false, { data: "d" })).toEqual({ name: "/work/d", byDaemons: false });
  expect(at("", true, { data: "d" })).toEqual({ name: "/work/d", byDaemons: true });
  expect(at("", false)).toEqual({ name: "/work/data", byDaemons: false });
});

test("--cluster without an installation says what to set", () => {
  expect(() => at("", true)).toThrow("--cluster needs settings");
});
