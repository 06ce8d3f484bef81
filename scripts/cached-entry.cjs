#!/usr/bin/env node
// Becomes dist/…/NAME.js: runs NAME.cjs beside it with the bytecode that V8 made of it when it was built (NAME.cjs.cache), so that no
// process and no engine thread parses and compiles it again. V8 refuses the bytecode of another version; then it compiles as ever.
"use strict";

const { readFileSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { Script, constants } = require("node:vm");
const { isMainThread } = require("node:worker_threads");

const file = __filename.replace(/\.js$/, ".cjs");
const cache = `${file}.cache`;

/** @returns {Buffer | undefined} */
function readCache() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

// Escaped to ASCII by the build: one byte a character is read and kept faster.
const script = new Script(Module.wrap(readFileSync(file, "latin1")), {
  filename: file,
  cachedData: process.env["CAPI_WRITE_CODE_CACHE"] === undefined ? readCache() : undefined,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
/** @type {{ exports: { default?: Promise<(unit: unknown) => Promise<unknown>> } }} */
const loaded = { exports: {} };
const run = /** @type {(this: unknown, ...args: unknown[]) => void} */ (script.runInThisContext());
const requireFrom = Module.createRequire(file);
run.call(loaded.exports, loaded.exports, requireFrom, loaded, file, path.dirname(file));

if (process.env["CAPI_WRITE_CODE_CACHE"] === undefined) module.exports = loaded.exports;
else {
  // Written when the code has run, so that the bytecode of everything it used is in it; a thread is never told of its end.
  const write = () => writeFileSync(cache, script.createCachedData());
  if (isMainThread) process.once("exit", write);
  else
    module.exports = {
      __esModule: true,
      default: loaded.exports.default?.then(
        (runUnit) => async (unit) => runUnit(unit).finally(write),
      ),
    };
}
