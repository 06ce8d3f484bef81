import { counted, onlyFault } from "#pkg/fault";
import { defaultValue, sprintf, type PrintArgument } from "#pkg/value";
import type { Checked } from "./checked.ts";
import { typeFault } from "./expression-fault.ts";
import { AGGREGATE_NAMES, CHOICES, FUNCTIONS } from "./function-table.ts";
import type { FunctionDefinition, Parameter } from "./functions/function.ts";
import { kindName, type Operation } from "./operation.ts";
import { suggestion } from "./suggestion.ts";
import type { Call, Tree } from "./tree.ts";
import type { Kind } from "./types.ts";

/** Finds the function of a call and checks number and kinds of its arguments. */
export function checkCall(call: Call, operands: readonly Checked[], now: () => number): Operation {
  const { name, offset } = call;
  const definition = FUNCTIONS.get(name);
  if (definition === undefined) throw unknownFunction(call);
  checkCount(call, definition);
  const kinds = operands.map(({ kind }) => kind);
  for (const [at, kind] of kinds.entries()) {
    const accepted = (definition.parameters[at] ?? definition.rest) as Parameter;
    if (!accepted.includes(kind)) throw wrongArgument(call, at, kind, accepted);
  }
  checkFormat(call, operands);
  return {
    name,
    kind: definition.result,
    rounds: false,
    changing: definition.changing ?? false,
    apply: definition.bind({ kinds, offset, now }),
  };
}

/** A verb that does not suit the kind of its argument is refused now, if the format is a constant (Q19). */
function checkFormat({ name, offset }: Call, [format, ...rest]: readonly Checked[]): void {
  if (name !== "fmt.Sprintf" || format?.node !== "constant") return;
  try {
    sprintf(
      format.value as string,
      rest.map(({ kind }) => SAMPLES[kind]),
    );
  } catch (error) {
    throw typeFault("E-type", onlyFault(error).message, offset);
  }
}

const SAMPLES: Readonly<Record<Kind, PrintArgument>> = {
  int: { kind: "int", value: 0n },
  length: { kind: "length", value: 0n },
  float: { kind: "float", value: 0 },
  decimal2: { kind: "decimal2", value: defaultValue("decimal2") },
  string: { kind: "string", value: "" },
  bool: { kind: "bool", value: false },
  datetime: { kind: "datetime", value: defaultValue("datetime") },
  month: { kind: "month", value: 1 },
  zone: { kind: "zone", value: { name: "UTC", offset: 0 } },
};

/** `kind.iif(condition, whenTrue, whenFalse)`. */
export function checkChoice(call: Call, kind: Kind, operands: readonly Checked[]): Checked {
  if (operands.length !== 3) throw wrongCount(call, "3 arguments");
  const [condition, whenTrue, whenFalse] = operands as [Checked, Checked, Checked];
  for (const [at, operand] of operands.entries()) {
    const accepted: Kind = at === 0 ? "bool" : kind;
    if (operand.kind !== accepted) throw wrongArgument(call, at, operand.kind, [accepted]);
  }
  if (condition.node === "constant") return condition.value === true ? whenTrue : whenFalse;
  return { node: "choice", kind, condition, whenTrue, whenFalse, offset: call.offset };
}

function unknownFunction({ name, offset }: Call): Error {
  const known = [...FUNCTIONS.keys(), ...CHOICES.keys(), ...AGGREGATE_NAMES];
  const near = suggestion(name, known);
  const hint = near === undefined ? `Functions are: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return typeFault("E-func", `there is no function ${name}`, offset, hint);
}

function checkCount(call: Call, definition: FunctionDefinition): void {
  const needed = definition.parameters.length;
  const given = call.args.length;
  if (given === needed || (given > needed && definition.rest !== undefined)) return;
  const few = definition.rest === undefined ? "" : "at least ";
  throw wrongCount(call, `${few}${counted(needed, "argument")}`);
}

function wrongCount({ name, args, offset }: Call, needed: string): Error {
  return typeFault("E-args", `${name} needs ${needed}, not ${args.length}`, offset);
}

function wrongArgument(call: Call, at: number, kind: Kind, accepted: readonly Kind[]): Error {
  const wanted = accepted.filter((one) => one !== "length").join(", ");
  const message = `argument ${at + 1} of ${call.name} is ${kindName(kind)}, it must be ${wanted}`;
  const { offset } = call.args[at] as Tree;
  return typeFault("E-type", message, offset);
}
