import { type Fault, onlyFault } from "#pkg/fault";
import { vectorFrom } from "#pkg/rowset";
import { defaultValue, type FieldType, type Value } from "#pkg/value";
import { constantFaultOf } from "./compile-expression.ts";
import type { CompiledExpression } from "./types.ts";

const TRIES = 5;
/** A moment of our days, as in the reference, but the same on every day: 2026-02-03 04:05:06.789. */
const TRIAL_TIME = { ns: 1_770_091_506_789_000_000n, offset: 0, zone: "UTC" };

/** Numbers differ from try to try so that a division by a field finds one that is not zero. */
function trialValue(type: FieldType, count: number): Value {
  switch (type) {
    case "int":
      return BigInt(count);
    case "float":
      return 2.35 * count;
    case "decimal2":
      return { digits: 345n * BigInt(count), scale: 2 };
    case "string":
      return "12345";
    case "bool":
      return false;
    case "datetime":
      return TRIAL_TIME;
  }
}

/**
 * The trial of the script loader (spec 2.6) beyond what kinds decide: throws the EXPRESSION_ROW of an expression that
 * fails on constants alone or on harmless values. More lenient than the reference: text of a field that does not fit
 * a datetime layout is no reason to refuse (Q8), nor is an operand that is not evaluated.
 */
export function trialEvaluate(compiled: CompiledExpression): void {
  const constantFault = constantFaultOf(compiled);
  if (constantFault !== undefined) throw constantFault;
  for (let count = 0; count < TRIES; count += 1) {
    const fault = attempt(compiled, count);
    const code = fault?.facts["code"];
    if (fault === undefined || code === "E-time") return;
    if (code !== "E-div0" || count === TRIES - 1) throw fault;
  }
}

function attempt(compiled: CompiledExpression, count: number): Fault | undefined {
  const values = compiled.inputTypes.map((type) => trialValue(type, count));
  try {
    if (compiled.aggregate === undefined) compiled.evaluate(values);
    else {
      const inputs = values.map((value, at) =>
        vectorFrom(compiled.inputTypes[at] as FieldType, [value]),
      );
      const accumulators = compiled.aggregate.accumulators(1);
      accumulators.add(Int32Array.of(0), inputs, 1);
      accumulators.results(defaultValue(compiled.kind as FieldType));
    }
    return undefined;
  } catch (error) {
    return onlyFault(error);
  }
}
