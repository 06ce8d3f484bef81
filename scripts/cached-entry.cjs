#!/usr/bin/env node
// Becomes dist/…/NAME.js: runs NAME.cjs beside it with the bytecode that V8 made of it when it was built (NAME.cjs.cache), so that no
// process and no engine thread parses and compiles it again. V8 refuses the bytecode of another version; then it compiles as ever.
"use strict";

const { readFileSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { Script } = require("node:vm");
const { isMainThread } = require("node:worker_threads");

const file = __filename.replace(/\.js$/, ".cjs");
const cache = `${file}.cache`;
const isWriting = process.env["CAPI_WRITE_CODE_CACHE"] !== undefined;

/** @returns {Buffer | undefined} */
function readCache() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

// Escaped to ASCII by the build: one byte a character is read and kept faster.
const source = readFileSync(file, "latin1");
const parameters = "exports, require, module, __filename, __dirname, __import";
const script = new Script(`(function (${parameters}) {${source}\n})`, {
  filename: file,
  cachedData: isWriting ? undefined : readCache(),
});
/** @type {{ exports: { default?: Promise<(unit: unknown) => Promise<unknown>> } }} */
const loaded = { exports: {} };
const run = /** @type {(...args: unknown[]) => void} */ (script.runInThisContext());
/** @param {string} url */
const importModule = (url) => import(url);
run(loaded.exports, createRequire(file), loaded, file, path.dirname(file), importModule);

if (!isWriting) module.exports = loaded.exports;
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
