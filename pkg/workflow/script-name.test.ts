import { expect, test } from "vitest";
import { isSameScript, scriptName, scriptPlace } from "./script-name.ts";

test("a script is known by its file name without folders and extension", () => {
  expect(["orders.json", "/a/b/orders.v2.yaml", "s3://b/orders"].map(scriptName)).toEqual([
    "orders",
    "orders.v2",
    "orders",
  ]);
});

test("runs are of one script when it lies in one place, or when most nodes of both are the same", () => {
  const nodes = ["read", "join", "write"];
  const at = (scriptUrl: string | undefined, names: readonly string[]) => ({
    scriptUrl,
    nodes: names,
  });
  expect(isSameScript(at("/a/s.json", nodes), at("/a/s.json", ["other"]))).toBe(true);
  expect(isSameScript(at("/a/s.json", nodes), at("/b/s.json", nodes))).toBe(true);
  expect(isSameScript(at("/a/s.json", nodes), at("/b/s.json", ["read", "join"]))).toBe(true);
  expect(isSameScript(at("/a/s.json", nodes), at("/b/s.json", ["read", "x", "y"]))).toBe(false);
  expect(isSameScript(at("/a/s.json", ["read"]), at("/b/s.json", ["read", "x"]))).toBe(false);
  expect(isSameScript(at(undefined, nodes), at(undefined, ["other"]))).toBe(false);
  expect(isSameScript(at(undefined, nodes), at("/a/s.json", nodes))).toBe(true);
});

test("a script lies in the folder of its starter unless its path or address says more", () => {
  const folder = "/home/a";
  expect(scriptPlace({ scriptUrl: "./x/s.json", folder })).toBe("/home/a/x/s.json");
  expect(scriptPlace({ scriptUrl: "/x/s.json", folder })).toBe("/x/s.json");
  expect(scriptPlace({ scriptUrl: "https://u:secret@h/s.json?key=1", folder })).toBe(
    "https://u:…@h/s.json?…",
  );
  expect(scriptPlace({ scriptUrl: "s.json" })).toBe("s.json");
});
