import { Fault } from "#pkg/fault";
import type { KeyComponent, LookupNode } from "#pkg/script";
import { defaultValue, parseDefault, type Value } from "#pkg/value";
import { columnsUsed, type FieldCode } from "./node-code.ts";
import type { NodeContext } from "./types.ts";

/** What a lookup node needs of both sides. */
export interface LookupColumns {
  readonly left: readonly string[];
  readonly right: readonly string[];
  /** Index components with the names of the left fields. */
  readonly leftKey: readonly KeyComponent[];
}

export function lookupColumns(context: NodeContext<LookupNode>): LookupColumns {
  const { code, node } = context;
  const { leftFields, components } = node.lookup;
  const expressions = [
    ...code.fields.flatMap((field) => [field.expression, field.alone]),
    code.filter,
  ];
  const keyFields = components.map((component) => component.field);
  return {
    left: [...new Set([...leftFields, ...columnsUsed(expressions, "r")])],
    right: [...new Set([...keyFields, ...columnsUsed(expressions, "l")])],
    leftKey: components.map((component, at) => namedAs(component, leftFields[at])),
  };
}

const namedAs = (component: KeyComponent, field: string | undefined): KeyComponent => ({
  ...component,
  field: field ?? component.field,
});

/** The value of a field for a left row without match; a bad default_value is noticed only when it is needed (spec 6.4). */
export function unmatchedValue(node: string, field: FieldCode): Value {
  if (field.defaultText === "") return defaultValue(field.type);
  const value = parseDefault(field.type, field.defaultText);
  if (value !== undefined) return value;
  throw new Fault(
    "EXPRESSION_ROW",
    `node ${node}, field ${field.name}: default_value ${JSON.stringify(field.defaultText)} is not a ${field.type}`,
    {
      facts: { node, field: field.name, code: "E-convert" },
      hint: "Correct default_value of the field.",
    },
  );
}
