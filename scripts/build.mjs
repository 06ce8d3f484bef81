// dist/: one file for each entry and shared chunks. Hundreds of small modules cost 100 ms at every start of a process and of
// an engine thread (DECISIONS.md); types are checked by `npm run check`.
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { shapeValidatorPlugin } from "./shape-validator.mjs";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["daemon/main.ts", "toolbelt/main.ts", "pkg/worker/thread.ts"],
  outbase: ".",
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  plugins: [shapeValidatorPlugin],
  conditions: ["source"],
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
});
const child = join("pkg", "processor", "python", "child.py");
mkdirSync(dirname(join(dist, child)), { recursive: true });
copyFileSync(join(root, child), join(dist, child));
for (const program of ["daemon", "toolbelt"]) chmodSync(join(dist, program, "main.js"), 0o755);
