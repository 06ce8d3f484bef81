import {
  expression,
  plain,
  RowError,
  type Expression,
  type FieldOf,
  type Scope,
} from "./expressions.ts";
import type { Random } from "./random.ts";
import { fieldNames, type Field, type NodeOutcome, type Rejected } from "./tables.ts";
import { isStorable, stored, type Row, type Value } from "./values.ts";

/** Of a hundred expressions so many may fail for a row. */
export const RISK = 6;

/** Fields as expressions see them. */
export const fieldsOf = (alias: string, fields: readonly Field[]): FieldOf[] =>
  fields.map((field) => ({ alias, ...field }));

/** A field that is computed row by row. */
export interface Computed extends Field {
  readonly expression: Expression;
}

export function computedFields(random: Random, seen: readonly FieldOf[]): Computed[] {
  return fieldNames(random, random.whole(2, 4)).map((name) => {
    const found = expression(random, seen, { risk: RISK, computed: 35 }) as Expression;
    return { name, type: found.type, expression: found };
  });
}

/** The fields as they are. */
export const bareFields = (seen: readonly FieldOf[]): Computed[] =>
  seen.map((field) => ({ name: field.name, type: field.type, expression: plain(field) }));

export const fieldJson = (
  fields: readonly (Field & { readonly expression: { readonly text: string } })[],
): object =>
  Object.fromEntries(
    fields.map(({ name, type, expression: { text } }) => [name, { expression: text, type }]),
  );

export const having = (random: Random, fields: readonly Field[]): Expression | undefined =>
  random.chance(30)
    ? expression(random, fieldsOf("w", fields), { type: "bool", risk: RISK, computed: 90 })
    : undefined;

export const havingJson = (filter: Expression | undefined): object =>
  filter === undefined ? {} : { having: filter.text };

export const batches = (random: Random): object =>
  random.chance(50) ? { expected_batches_total: random.whole(1, 5) } : {};

/** Whether a row passes. Throws `having`. */
export const isKept = (filter: Expression | undefined, row: Row): boolean =>
  filter === undefined || attempt("having", () => filter.evaluate({ w: row })) === true;

/** The row as it is stored, none when it is filtered out. Throws the name of the field that fails, or `having`. */
export function finished(
  row: Row,
  fields: readonly Field[],
  filter: Expression | undefined,
): readonly Row[] {
  if (!isKept(filter, row)) return [];
  for (const { name, type } of fields)
    if (!isStorable(type, row[name] as Value)) throw new Failing(name);
  return [
    Object.fromEntries(fields.map(({ name, type }) => [name, stored(type, row[name] as Value)])),
  ];
}

export class Failing extends Error {}

export function attempt<Result>(name: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof RowError) throw new Failing(name);
    throw error;
  }
}

export const computedRow = (fields: readonly Computed[], scope: Scope): Row =>
  Object.fromEntries(
    fields.map((each) => [each.name, attempt(each.name, () => each.expression.evaluate(scope))]),
  );

/** Rows that `make` gives for each row; failing ones are set aside. */
export function passed(
  rows: readonly Row[],
  file: string,
  make: (row: Row, set: (column: string) => void) => readonly Row[],
): { readonly rows: Row[]; readonly rejected: Rejected[] } {
  const rejected: Rejected[] = [];
  const made = rows.flatMap((row, at) => {
    const set = (column: string): void => void rejected.push([file, at + 1, column]);
    try {
      return make(row, set);
    } catch (error) {
      if (!(error instanceof Failing)) throw error;
      set(error.message);
      return [];
    }
  });
  return { rows: made, rejected };
}

export const outcome = (
  { rows, rejected }: Pick<NodeOutcome, "rows" | "rejected">,
  isRejecting: boolean,
): NodeOutcome => ({ rows, rejected, failed: rejected.length > 0 && !isRejecting });

/** Settings that nodes of all kinds have that read a table. */
export function nodeSettings(random: Random): {
  readonly isRejecting: boolean;
  readonly settings: object;
} {
  const isRejecting = random.chance(40);
  const named = random.chance(20) ? { dependency_policy: "succeeded" } : {};
  return { isRejecting, settings: { ...named, ...(isRejecting ? { on_error: "reject" } : {}) } };
}
