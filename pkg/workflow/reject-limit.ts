import { Fault } from "#pkg/fault";
import type { ScriptNode } from "#pkg/script";

/** Whether a node has rejected more rows than `max_rejected` allows; waived rows are not among them. */
export const isOverRejectLimit = ({ rejects }: ScriptNode, rejected: number): boolean =>
  rejects?.max !== undefined && rejected > rejects.max;

/** Raised by a batch that alone has too many, with an example, and for all batches together. */
export function tooManyRejected(
  { name, rejects }: ScriptNode,
  first = "",
): Fault<"REJECTED_LIMIT"> {
  const max = rejects?.max ?? 0;
  const rows = max === 1 ? "1 row was" : `${max} rows were`;
  const example = first === "" ? "" : `; the first: ${first}`;
  return new Fault("REJECTED_LIMIT", `node ${name}: more than ${rows} rejected${example}`, {
    facts: { node: name, max },
  });
}
