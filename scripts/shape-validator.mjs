// esbuild plugin: pkg/script/shape-validator.ts as the code that ajv makes of the schema, so that no process compiles it.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";

const LENGTH = 'require("ajv/dist/runtime/ucs2length").default';

/**
 * The types say that the module is the function itself; it is the CommonJS module that has it.
 *
 * @type {{ readonly default: (ajv: Ajv2020, validate: object) => string }}
 */
const { default: writeOut } = /** @type {never} */ (/** @type {unknown} */ (standalone));

/**
 * @param {string} file
 * @returns {Record<string, unknown>}
 */
const readJson = (file) =>
  /** @type {Record<string, unknown>} */ (JSON.parse(readFileSync(file, "utf8")));

/**
 * The module with its validator written out.
 *
 * @param {string} folder
 * @returns {string}
 */
export function shapeValidatorCode(folder) {
  const options = readJson(join(folder, "shape-options.json"));
  const ajv = new Ajv2020({ ...options, code: { source: true, esm: true } });
  const code = writeOut(ajv, ajv.compile(readJson(join(folder, "schema.json"))));
  return [
    'import length from "ajv/dist/runtime/ucs2length.js";',
    code.replaceAll(LENGTH, "length.default"),
    "export const shapeValidator = () => validate;",
  ].join("\n");
}

/** @type {import("esbuild").Plugin} */
export const shapeValidatorPlugin = {
  name: "shape-validator",
  setup(build) {
    build.onLoad({ filter: /[\\/]script[\\/]shape-validator\.ts$/ }, ({ path }) => ({
      contents: shapeValidatorCode(dirname(path)),
      loader: "js",
    }));
  },
};
