import { pythonNames, type Arity } from "./python-functions.ts";
import { PROBLEM_HINTS } from "./problem-codes.ts";
import type { Problem } from "./problem.ts";
import type { FormulaCall } from "./python-formula.ts";
import type { CalculatedField, PythonProcessor } from "./node-processor.ts";
import { suggested } from "./suggested.ts";

/** Functions of Python itself that formulas may call, each with one argument (spec/script.md 9.1). */
const BUILT_IN = ["str", "int", "float", "round", "len", "bool", "abs"];

/** Calls of functions that the code of the node does not have, or not with so many arguments. */
export function checkCalls(node: string, { code, fields }: PythonProcessor): readonly Problem[] {
  const names = pythonNames(code.map(({ text }) => text));
  return fields.flatMap((field) =>
    field.calls.flatMap((call) => {
      const known = names.functions.get(call.name) ?? builtIn(call.name);
      if (known !== undefined)
        return fits(known, call) ? [] : problem(node, field, wrongArguments(call, known));
      if (names.isOpen || names.others.has(call.name)) return [];
      const files = code.map(({ url }) => url).join(", ");
      const hint = suggested(call.name, [...names.functions.keys(), ...BUILT_IN]);
      return problem(node, field, `there is no function ${call.name} in ${files}`, hint);
    }),
  );
}

const builtIn = (name: string): Arity | undefined =>
  BUILT_IN.includes(name) ? { least: 1, most: 1 } : undefined;

const fits = ({ least, most }: Arity, { args }: FormulaCall): boolean =>
  args >= least && args <= most;

function wrongArguments({ name, args }: FormulaCall, { least, most }: Arity): string {
  const range = least === most ? `${least}` : `${least} to ${most}`;
  const wanted = most === Number.POSITIVE_INFINITY ? `at least ${least}` : range;
  return `the function ${name} takes ${wanted} ${wanted === "1" ? "argument" : "arguments"}, not ${args}`;
}

function problem(
  node: string,
  { name, place }: CalculatedField,
  message: string,
  hint: string | undefined = PROBLEM_HINTS.PROCESSOR,
): Problem {
  return {
    severity: "error",
    code: "PROCESSOR",
    message: `node ${node}, calculated field ${name}: ${message}`,
    ...place,
    path: `nodes.${node}.p.calculated_fields.${name}.expression`,
    hint,
  };
}
