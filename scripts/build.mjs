// dist/: one bundle for each entry, kept with the bytecode that V8 made of it. Hundreds of small modules cost 100 ms at every start of
// a process and of an engine thread, parsing and compiling a bundle still 50 (DECISIONS.md); types are checked by `npm run check`.
// With a folder inside the repository as argument it is made there.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { licencesOf } from "./licences.mjs";
import { shapeValidatorPlugin } from "./shape-validator.mjs";

const root = join(import.meta.dirname, "..");
const dist = resolve(root, process.argv[2] ?? "dist");
const ENTRIES = ["daemon/main", "toolbelt/main", "pkg/worker/thread"];
/** Small ones that every run loads, and those that `require` does not take. The others stay outside. */
const BUNDLED = new Set([
  "commander",
  "jsep",
  "hyparquet",
  "hyparquet-compressors",
  "hyparquet-writer",
]);

const manifest =
  /** @type {{ dependencies: Record<string, string>, imports: Record<string, { default: string }> }} */ (
    JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  );

/**
 * Code that V8 made of kept bytecode has no `import`: what it imports at run time comes by `require`, or by that of the entry.
 *
 * @type {import("esbuild").Plugin}
 */
const importOfEntryPlugin = {
  name: "import-of-entry",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]modules[\\/]import-module\.ts$/ }, () => ({
      contents: "export const importModule = (url) => __import(url);",
      loader: "js",
    }));
  },
};

function writeBundles() {
  return build({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((entry) => `${entry}.ts`),
    outbase: ".",
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    charset: "ascii",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    external: Object.keys(manifest.dependencies).filter((name) => !BUNDLED.has(name)),
    supported: { "dynamic-import": false },
    plugins: [shapeValidatorPlugin, importOfEntryPlugin],
    conditions: ["source"],
    define: {
      "import.meta.url": "__moduleUrl",
      "import.meta.dirname": "__dirname",
      "import.meta.resolve": "__resolveUrl",
    },
    banner: {
      js: [
        'const { pathToFileURL: __fileUrl } = require("node:url");',
        "const __moduleUrl = __fileUrl(__filename).href;",
        "const __resolveUrl = (name) => __fileUrl(require.resolve(name)).href;",
      ].join("\n"),
    },
    sourcemap: true,
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  });
}

/** What the bundles look for at run time, relative to dist; they are CommonJS in a package that is not. */
function writeManifest() {
  const names = ["#processor/python-child", "#worker/thread"];
  /** @type {Record<string, string | undefined>} */
  const imports = {};
  for (const name of names)
    imports[name] = manifest.imports[name]?.default.replace("./dist/", "./");
  const text = JSON.stringify({ type: "commonjs", imports }, undefined, 2);
  writeFileSync(join(dist, "package.json"), `${text}\n`);
}

/** Runs an example, after which each bundle writes the bytecode of what it used. */
function writeCodeCaches() {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-build-"));
  const orders = join(root, "examples", "orders");
  const args = ["run", join(orders, "script.json"), "--params", join(orders, "params.json")];
  args.push("--param", `dir_out=${join(folder, "out")}`, "--data", join(folder, "data"));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(dist, "toolbelt", "main.js"), ...args],
    { cwd: root, encoding: "utf8", env: { ...process.env, CAPI_WRITE_CODE_CACHE: "1" } },
  );
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`the example did not run:\n${stdout}\n${stderr}`);
}

rmSync(dist, { recursive: true, force: true });
const { metafile } = await writeBundles();
writeManifest();
writeFileSync(join(dist, "LICENCES.txt"), licencesOf(root, metafile));
for (const entry of ENTRIES)
  copyFileSync(join(import.meta.dirname, "cached-entry.cjs"), join(dist, `${entry}.js`));
const child = join("pkg", "processor", "python", "child.py");
mkdirSync(dirname(join(dist, child)), { recursive: true });
copyFileSync(join(root, child), join(dist, child));
for (const program of ["daemon", "toolbelt"]) chmodSync(join(dist, program, "main.js"), 0o755);
writeCodeCaches();
