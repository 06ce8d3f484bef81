import type { FieldType } from "#pkg/value";
import type { PythonFormula } from "./python-formula.ts";
import type { Place } from "./place.ts";

/** What a custom node does with its rows (spec/script.md 9); frozen with the script, so it holds all that it needs. */
export type NodeProcessor = TagProcessor | PythonProcessor | ModuleProcessor;

/** A processor of the user's own; its code stays in its file, which every thread compares with the hash. */
export interface ModuleProcessor {
  readonly type: "module";
  /** `custom_proc_type` of the node. */
  readonly name: string;
  /** Of the module file when the run was started. */
  readonly sha256: string;
  readonly settings: unknown;
  readonly sourceFields: readonly string[];
  readonly outputs: readonly ModuleOutput[];
}

export interface ModuleOutput {
  readonly name: string;
  readonly type: FieldType;
}

export interface PythonProcessor {
  readonly type: "py_calc";
  /** Code files in the order of the script; texts are empty until completeScript. */
  readonly code: readonly { readonly url: string; readonly text: string }[];
  /** Each after those it uses. */
  readonly fields: readonly CalculatedField[];
}

export interface CalculatedField extends PythonFormula {
  readonly name: string;
  readonly type: FieldType;
  /** As the author wrote it. */
  readonly expression: string;
  readonly place: Place;
}

export interface TagProcessor {
  readonly type: "tag_and_denormalize";
  /** Name of the only output, a string. */
  readonly tagField: string;
  /** In the order of the file; empty until completeScript when they have a file of their own. */
  readonly criteria: readonly TagCriterion[];
  /** "" when the criteria are in the script. */
  readonly criteriaUrl: string;
}

export interface TagCriterion {
  readonly tag: string;
  /** Boolean expression over r.*; decimals are not rounded. */
  readonly expression: string;
}
