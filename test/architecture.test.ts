import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { LAYERS, type Layer } from "./support/layers.ts";

const root = join(import.meta.dirname, "..");

/** A nested layer comes after its parent, so the last match is the closest one. */
const layerOf = (path: string): string | undefined =>
  Object.keys(LAYERS).findLast((layer) => path.startsWith(`${layer}/`));

const isTest = (path: string): boolean =>
  /\.(test|contract|bench)\.ts$/.test(path) || path.includes("/test-support/");

const sources = ["pkg", "daemon", "toolbelt"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, name),
    ),
  )
  .filter((path) => path.endsWith(".ts"));

interface Edge {
  readonly from: string;
  readonly to: string;
}

const edges: readonly Edge[] = sources
  .filter((path) => !isTest(path))
  .flatMap((from) => {
    const text = readFileSync(join(root, from), "utf8");
    const matches = text.matchAll(
      /^(?:import|export)\b[^;"]*\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm,
    );
    return [...matches].map(([, from_, bare, lazy]) => ({
      from,
      to: (from_ ?? bare ?? lazy) as string,
    }));
  });

const targetLayer = ({ from, to }: Edge): string | undefined => {
  if (to.startsWith("#pkg/")) return `pkg/${to.slice("#pkg/".length)}`;
  if (to.startsWith(".")) return layerOf(relative(root, join(root, from, "..", to)));
  return undefined;
};

function isAllowed(edge: Edge): boolean {
  const own = layerOf(edge.from) as string;
  const layer = LAYERS[own] as Layer;
  if (edge.to === "#worker/thread") return own === "pkg/worker";
  const target = targetLayer(edge);
  if (target !== undefined) return target === own || layer.below.includes(target);
  return (layer.libraries ?? []).some(
    (library) => edge.to === library || edge.to.startsWith(`${library}/`),
  );
}

test("every source file belongs to a layer", () => {
  expect(sources.filter((path) => layerOf(path) === undefined)).toEqual([]);
});

test("every import is one that the layer's row allows", () => {
  const forbidden = edges.filter((edge) => !isAllowed(edge));
  expect(forbidden.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

test("a file imports across packages by the package's name, never by a path into it", () => {
  const outside = edges.filter(({ from, to }) => {
    const [own, target] = [layerOf(from) as string, targetLayer({ from, to })];
    return to.startsWith("..") && target !== own && !own.startsWith(`${target}/`);
  });
  expect(outside.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

test("each row lists only rows above it, so no cycle is possible", () => {
  const names = Object.keys(LAYERS);
  for (const [at, name] of names.entries())
    for (const below of (LAYERS[name] as Layer).below)
      expect(names.indexOf(below), `${name} lists ${below}`).toBeLessThan(at);
});

/** Files that are left when those that import none of the others are taken away, over and over: all of them are in circles or above one. */
function inCircles(): readonly string[] {
  const imports = new Map<string, readonly string[]>();
  for (const { from, to } of edges)
    if (to.startsWith(".")) imports.set(from, [...(imports.get(from) ?? []), join(from, "..", to)]);
  for (let before = -1; before !== imports.size;) {
    before = imports.size;
    for (const [from, targets] of imports)
      if (!targets.some((target) => imports.has(target))) imports.delete(from);
  }
  return [...imports.keys()];
}

test("no file imports itself through others, types included", () => {
  expect(inCircles()).toEqual([]);
});

test("no file of the framework reads the environment or prints", () => {
  const guilty = sources
    .filter((path) => path.startsWith("pkg/") && !isTest(path))
    .filter((path) => /\bprocess\.env\b|\bconsole\./.test(readFileSync(join(root, path), "utf8")));
  expect(guilty).toEqual([]);
});
