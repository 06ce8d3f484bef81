import { aggregate, type Aggregate } from "./aggregates.ts";
import { expression, plain, type Expression, type FieldOf } from "./expressions.ts";
import {
  attempt,
  batches,
  Failing,
  fieldsOf,
  finished,
  having,
  havingJson,
  nodeSettings,
  outcome,
  passed,
  RISK,
} from "./nodes.ts";
import type { Random } from "./random.ts";
import {
  fieldNames,
  keyParts,
  valuesOf,
  type Field,
  type IndexSpec,
  type NodeSpec,
} from "./tables.ts";
import { defaultOf, keyOf, type KeyPart, type Row, type Type, type Value } from "./values.ts";

interface LookupField extends Field {
  readonly expression: Expression | Aggregate;
  readonly isAggregate: boolean;
  readonly default: readonly [text: string, value: Value] | undefined;
}

const DEFAULTS: Readonly<Partial<Record<Type, readonly [string, Value]>>> = {
  int: ["-7", -7n],
  string: [" none ", "none"],
  decimal2: ["-1.5", -150n],
  float: ["2.5", 2.5],
};

function lookupFields(
  random: Random,
  both: readonly FieldOf[],
  how: { group: boolean; left: boolean },
): LookupField[] {
  const bare = how.left ? both.filter(({ alias }) => alias === "r") : both;
  return fieldNames(random, random.whole(2, 4)).map((name): LookupField => {
    const isAggregate = how.group && random.chance(65);
    const found = isAggregate
      ? aggregate(random, both, RISK)
      : how.group
        ? plain(random.pick(bare))
        : (expression(random, both, { risk: RISK, computed: 35 }) as Expression);
    const standard = DEFAULTS[found.type];
    const isExtreme = /^m(in|ax)_if/.test(found.text) && found.type === "string";
    return {
      name,
      type: found.type,
      expression: found,
      isAggregate,
      default: !isExtreme && random.chance(30) ? standard : undefined,
    };
  });
}

const defaultValue = (field: LookupField): Value => field.default?.[1] ?? defaultOf(field.type);

const isOnRight = (field: LookupField): boolean =>
  field.isAggregate || field.expression.fields.some(({ alias }) => alias === "l");

function valueOf(field: LookupField, left: Row, hits: readonly Row[]): Value {
  const scopes = hits.map((l) => ({ r: left, l }));
  if (field.isAggregate)
    return (field.expression as Aggregate).evaluate(scopes) ?? defaultValue(field);
  return (field.expression as Expression).evaluate(scopes.at(-1) ?? { r: left });
}

const unmatched = (fields: readonly LookupField[], left: Row): Row =>
  Object.fromEntries(
    fields.map((field) => [
      field.name,
      isOnRight(field) ? defaultValue(field) : attempt(field.name, () => valueOf(field, left, [])),
    ]),
  );

const matched = (fields: readonly LookupField[], left: Row, hits: readonly Row[]): Row =>
  Object.fromEntries(
    fields.map((field) => [field.name, attempt(field.name, () => valueOf(field, left, hits))]),
  );

/** Fields of the left table in the place of those of the index, or undefined where types do not meet. */
function pairing(
  random: Random,
  left: NodeSpec,
  parts: readonly KeyPart[],
): readonly string[] | undefined {
  const names = parts.map(({ type, field }) => {
    const same = left.fields.filter((each) => each.type === type);
    const byName = same.find((each) => each.name === field);
    return byName !== undefined && random.chance(50)
      ? field
      : same.length > 0
        ? random.pick(same).name
        : undefined;
  });
  return names.includes(undefined) ? undefined : (names as string[]);
}

function grouped(rows: readonly Row[], parts: readonly KeyPart[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(valuesOf(row, parts), parts);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

interface Join {
  readonly index: IndexSpec;
  /** Fields of the left table, one for each component of the index. */
  readonly joinOn: readonly string[];
}

/** Undefined when no key fits both. */
function joinOf(random: Random, left: NodeSpec, right: NodeSpec): Join | undefined {
  const common = right.fields.filter(({ type }) => left.fields.some((each) => each.type === type));
  if (common.length === 0) return undefined;
  const known = right.indexes.filter(({ parts }) => pairing(random, left, parts) !== undefined);
  const index =
    known.length > 0 && random.chance(50)
      ? random.pick(known)
      : {
          name: `idx_${right.table}_${random.whole(0, 1e6)}`,
          unique: false,
          parts: keyParts(random, common),
        };
  const joinOn = pairing(random, left, index.parts) as string[];
  if (new Set(joinOn).size < joinOn.length) return undefined;
  // When all names of the index occur, names pair fields; else the order does.
  if (!index.parts.every(({ field }) => joinOn.includes(field))) return { index, joinOn };
  const isTyped = index.parts.every(({ field, type }) =>
    left.fields.some((each) => each.name === field && each.type === type),
  );
  const byName = index.parts.map(({ field }) => field);
  return isTyped ? { index, joinOn: byName } : undefined;
}

interface Lookup extends Join {
  readonly left: NodeSpec;
  readonly group: boolean;
  readonly isLeft: boolean;
  readonly fields: readonly LookupField[];
  readonly hits: Expression | undefined;
  readonly filter: Expression | undefined;
}

const isHit = ({ hits }: Lookup, row: Row): boolean =>
  hits === undefined || attempt("filter", () => hits.evaluate({ l: row })) === true;

const ended = ({ fields, filter }: Lookup, row: Row): readonly Row[] =>
  finished(row, fields, filter);

const without = (lookup: Lookup, row: Row): readonly Row[] =>
  lookup.isLeft ? ended(lookup, unmatched(lookup.fields, row)) : [];

function groupRows(lookup: Lookup, row: Row, candidates: readonly Row[]): readonly Row[] {
  const matches = candidates.filter((other) => isHit(lookup, other));
  if (matches.length === 0) return without(lookup, row);
  return ended(lookup, matched(lookup.fields, row, matches));
}

/** A pair that fails counts as a match. */
function pairRows(
  lookup: Lookup,
  row: Row,
  candidates: readonly Row[],
  reject: (column: string) => void,
): readonly Row[] {
  let isMatched = false;
  const rows = candidates.flatMap((other) => {
    try {
      if (!isHit(lookup, other)) return [];
      isMatched = true;
      return ended(lookup, matched(lookup.fields, row, [other]));
    } catch (error) {
      if (!(error instanceof Failing)) throw error;
      isMatched = true;
      reject(error.message);
      return [];
    }
  });
  return isMatched ? rows : without(lookup, row);
}

const lookupJson = (lookup: Lookup): object => ({
  index_name: lookup.index.name,
  join_on: lookup.joinOn.map((each) => `r.${each}`).join(","),
  join_type: lookup.isLeft ? "left" : "inner",
  group: lookup.group,
  ...(lookup.hits === undefined ? {} : { filter: lookup.hits.text }),
});

const writerJson = ({ fields, filter }: Lookup): object => ({
  fields: Object.fromEntries(
    fields.map(({ name, type, expression: { text }, default: standard }) => [
      name,
      { expression: text, type, ...(standard === undefined ? {} : { default_value: standard[0] }) },
    ]),
  ),
  ...havingJson(filter),
});

function randomLookup(random: Random, join: Join, left: NodeSpec, right: NodeSpec): Lookup {
  const how = { group: random.chance(50), left: random.chance(50) };
  const l = fieldsOf("l", right.fields);
  const fields = lookupFields(random, [...fieldsOf("r", left.fields), ...l], how);
  const hits = random.chance(40)
    ? expression(random, l, { type: "bool", risk: RISK, computed: 90 })
    : undefined;
  const filter = having(random, fields);
  return { ...join, left, group: how.group, isLeft: how.left, fields, hits, filter };
}

/** A random table_lookup_table node, the expected rows by nested loops. Undefined when no key fits both tables. */
export function lookupTable(
  random: Random,
  name: string,
  [left, right]: readonly [NodeSpec, NodeSpec],
): NodeSpec | undefined {
  const join = joinOf(random, left, right);
  if (join === undefined) return undefined;
  const { index, joinOn } = join;
  if (!right.indexes.includes(index)) right.indexes.push(index);
  const lookup = randomLookup(random, join, left, right);
  const { isRejecting, settings } = nodeSettings(random);
  const reader = batches(random);
  return {
    name: `make_${name}`,
    table: name,
    fields: lookup.fields,
    indexes: [],
    sources: [left, right],
    json: (indexes) => ({
      type: "table_lookup_table",
      ...settings,
      r: { table: left.table, ...reader },
      l: lookupJson(lookup),
      w: { name, ...writerJson(lookup), indexes },
    }),
    expect([lefts = [], rights = []]) {
      const groups = grouped(rights, index.parts);
      const found = passed(lefts, left.table, (row, reject) => {
        const key = keyOf(
          joinOn.map((each) => row[each] as Value),
          index.parts,
        );
        const candidates = groups.get(key) ?? [];
        return lookup.group
          ? groupRows(lookup, row, candidates)
          : pairRows(lookup, row, candidates, reject);
      });
      return outcome(found, isRejecting);
    },
  };
}
