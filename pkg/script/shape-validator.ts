import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import options from "./shape-options.json" with { type: "json" };
import schema from "./schema.json" with { type: "json" };

let compiled: ValidateFunction | undefined;

/**
 * What the JSON Schema of scripts means as a function. In the distribution the build puts the code that ajv makes of the schema in the
 * place of this module (scripts/shape-validator.mjs), because loading and running its compiler takes 70 ms of every start.
 */
export const shapeValidator = (): ValidateFunction =>
  (compiled ??= new Ajv2020({ ...options, code: { optimize: false } }).compile(schema));
