import { compileExpression, type CompiledExpression, type ExpressionPlace } from "#pkg/expression";
import {
  outputTypes,
  ownerOfTable,
  type Field,
  type OutputColumn,
  type Script,
  type ScriptNode,
} from "#pkg/script";
import type { FieldType } from "#pkg/value";

/** One field of a table or column of a file, ready to be evaluated. */
export interface FieldCode {
  readonly name: string;
  readonly type: FieldType;
  /** Text of default_value, "" for the default of the type. */
  readonly defaultText: string;
  readonly expression: CompiledExpression;
  /** Grouped lookups: the same text as an ordinary field, for left rows without a match (spec/script.md 6.4). */
  readonly alone: CompiledExpression | undefined;
}

/** All expressions of a node, compiled once per thread. */
export interface NodeCode {
  readonly fields: readonly FieldCode[];
  readonly having: CompiledExpression | undefined;
  readonly filter: CompiledExpression | undefined;
}

type Types = ReadonlyMap<string, FieldType>;

export function compileNode(script: Script, node: ScriptNode): NodeCode {
  const grouped = node.kind === "table_lookup_table" && node.lookup.group;
  const r = readerTypes(script, node);
  const l: Types =
    node.kind === "table_lookup_table" ? tableTypes(script, node.lookup.table) : new Map();
  const fields = node.kind === "table_file" ? node.writer.columns : node.writer.fields;
  const w: Types = new Map(fields.map((field) => [field.name, field.type]));
  const filter = node.kind === "table_lookup_table" ? node.lookup.filter : "";
  const p: Types = node.kind === "table_custom_tfm_table" ? outputTypes(node.processor) : new Map();
  const scope = new Map<string, Types>([
    ["r", r],
    ["l", l],
    ["p", p],
  ]);
  return {
    fields: fields.map((field) => compileField(field, scope, grouped)),
    having: compileCondition(node.writer.having, new Map([["w", w]])),
    filter: compileCondition(filter, new Map([["l", l]])),
  };
}

/** Fields of a table by name. */
export function tableTypes(script: Script, table: string): Types {
  const fields = ownerOfTable(script, table)?.writer.fields ?? [];
  return new Map(fields.map((field) => [field.name, field.type]));
}

function readerTypes(script: Script, node: ScriptNode): Types {
  if (node.kind !== "file_table") return tableTypes(script, node.reader.table);
  return new Map(node.reader.columns.map((column) => [column.name, column.type]));
}

function compileField(
  field: Field | OutputColumn,
  scope: ReadonlyMap<string, Types>,
  grouped: boolean,
): FieldCode {
  const compile = (place: ExpressionPlace): CompiledExpression =>
    compileExpression(field.expression, {
      place,
      typeOf: (prefix, name) => scope.get(prefix)?.get(name),
      declared: field.type,
    });
  const expression = compile(grouped ? "group" : "field");
  return {
    name: field.name,
    type: field.type,
    defaultText: "defaultText" in field ? field.defaultText : "",
    expression,
    alone: grouped && expression.aggregate === undefined ? compile("field") : undefined,
  };
}

function compileCondition(
  text: string,
  scope: ReadonlyMap<string, Types>,
): CompiledExpression | undefined {
  if (text.trim() === "") return undefined;
  return compileExpression(text, {
    place: "condition",
    typeOf: (prefix, name) => scope.get(prefix)?.get(name),
    declared: "bool",
  });
}

/** Names that the expressions take with the given prefix, in order of first use. */
export function columnsUsed(
  expressions: readonly (CompiledExpression | undefined)[],
  prefix: string,
): readonly string[] {
  const names = new Set<string>();
  for (const expression of expressions)
    for (const input of expression?.inputs ?? [])
      if (input.prefix === prefix) names.add(input.name);
  return [...names];
}
