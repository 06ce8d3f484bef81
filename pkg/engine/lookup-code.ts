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

/** The value of a field for a left row without match (spec 6.4); the text was checked with the script. */
export function unmatchedValue(field: FieldCode): Value {
  const value =
    field.defaultText === ""
      ? defaultValue(field.type)
      : parseDefault(field.type, field.defaultText);
  if (value === undefined)
    throw new Fault("INTERNAL", `field ${field.name}: default_value is not a ${field.type}`);
  return value;
}
