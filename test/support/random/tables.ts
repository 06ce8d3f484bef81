import { newestFirst } from "#pkg/draft";
import type { Random } from "./random.ts";
import type { KeyPart, Row, Type, Value } from "./values.ts";

export interface Field {
  readonly name: string;
  readonly type: Type;
}

/** A row that was set aside: the name of what was read, its line or row from 1, the column or field. */
export type Rejected = readonly [file: string, line: number, column: string];

/** What the model expects of a node. */
export interface Expected {
  readonly state: "success" | "fail" | "skipped";
  readonly rows: readonly Row[];
  readonly rejected: readonly Rejected[];
  /** Of a writer of files: their texts by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What comes of the rows of the sources, unique indexes aside. */
export interface NodeOutcome extends Pick<Expected, "rows" | "rejected"> {
  readonly failed: boolean;
  readonly files?: Expected["files"];
}

export interface IndexSpec {
  readonly name: string;
  readonly unique: boolean;
  readonly parts: readonly KeyPart[];
}

/** A node in the making: other nodes may still ask for indexes on its table. */
export interface NodeSpec {
  readonly name: string;
  /** Of the table that it writes; "" for a writer of files. */
  readonly table: string;
  readonly fields: readonly Field[];
  readonly indexes: IndexSpec[];
  readonly sources: readonly NodeSpec[];
  readonly json: (indexes: Readonly<Record<string, string>>) => object;
  readonly expect: (sources: readonly (readonly Row[])[]) => NodeOutcome;
}

export interface Input {
  readonly name: string;
  readonly text: string;
}

/** A script and what must come of it. */
export interface Pipeline {
  readonly inputs: readonly Input[];
  /** Sources first. */
  readonly nodes: readonly NodeSpec[];
}

/** Names are few, so that those of two tables meet. */
const NAMES = ["a", "b", "c", "d", "e", "f"];

export const fieldNames = (random: Random, count: number): string[] => random.some(NAMES, count);

export function keyParts(
  random: Random,
  fields: readonly Field[],
  isOrder = false,
): readonly KeyPart[] {
  return random.some(fields, random.whole(1, 2)).map(({ name, type }) => ({
    field: name,
    type,
    ignoreCase: type === "string" && random.chance(40),
    length: type === "string" && random.chance(25) ? 16 : undefined,
    descending: isOrder && random.chance(50),
  }));
}

export const valuesOf = (
  row: Row,
  parts: readonly { readonly field: string }[],
): readonly Value[] => parts.map(({ field }) => row[field] as Value);

const SUCCEEDED = {
  is_default: false,
  event_priority_order: "run_is_current(desc),run_id(desc)",
  rules: [
    { cmd: "go", expression: "nrs.node_status == wfmodel.NodeBatchSuccess" },
    {
      cmd: "nogo",
      expression: "nrs.run_is_current == true && nrs.node_status == wfmodel.NodeBatchFail",
    },
  ],
};

export const POLICIES = { newest_first: newestFirst, succeeded: SUCCEEDED };
