import { type Fault, onlyFault } from "#pkg/fault";
import type { FieldType } from "#pkg/value";
import { arithmetic, isArithmetic, unary } from "./arithmetic.ts";
import { checkCall, checkChoice } from "./check-call.ts";
import type { ApplyNode, Checked, LogicNode } from "./checked.ts";
import { comparison, isComparison } from "./comparison.ts";
import { typeFault } from "./expression-fault.ts";
import { AGGREGATE_NAMES, CHOICES, CONSTANTS } from "./function-table.ts";
import { kindName, type Operation } from "./operation.ts";
import { suggestion } from "./suggestion.ts";
import type { Binary, Call, Field, Name, Tree } from "./tree.ts";
import type { CompileOptions, FieldReference, Kind } from "./types.ts";

/** The way out for an aggregate in a wrong place. */
const ALONE =
  "Give it a field of its own in a lookup with group: true, and compute with that field in a later node.";

/** Resolves names and decides all kinds of one expression; collects its inputs on the way. */
export class Checker {
  readonly inputs: FieldReference[] = [];
  readonly inputTypes: FieldType[] = [];
  readonly #options: CompileOptions;
  readonly #rounds: boolean;
  readonly #slots = new Map<string, number>();
  /** The first failure that depends on constants alone; it is no reason to refuse the expression here. */
  constantFault: Fault | undefined;

  constructor(options: CompileOptions, rounds: boolean) {
    this.#options = options;
    this.#rounds = rounds;
  }

  check(tree: Tree): Checked {
    switch (tree.type) {
      case "literal":
        return { node: "constant", kind: tree.kind, value: tree.value, offset: tree.offset };
      case "name":
        return this.#name(tree);
      case "field":
        return this.#field(tree);
      case "call":
        return this.#call(tree);
      case "unary": {
        const operand = this.check(tree.operand);
        const operation = unary(tree.operator, operand.kind, tree.offset);
        return this.#apply(operation, [operand], tree.offset);
      }
      case "binary":
        return this.#binary(tree);
    }
  }

  #name({ name, offset }: Name): Checked {
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return { node: "constant", ...constant, offset };
    const hint = "Write a prefix before field names, for example r. for the source table.";
    throw typeFault("E-name", `there is no ${name}; a field needs a prefix`, offset, hint);
  }

  #field({ prefix, name, offset }: Field): Checked {
    const full = `${prefix}.${name}`;
    const constant = CONSTANTS.get(full);
    if (constant !== undefined) return { node: "constant", ...constant, offset };
    const kind = this.#options.typeOf(prefix, name);
    if (kind === undefined) throw this.#unknownField(full, offset);
    const known = this.#slots.get(full);
    if (known !== undefined) return { node: "input", kind, slot: known, offset };
    const slot = this.inputs.length;
    this.inputs.push({ prefix, name, offset });
    this.inputTypes.push(kind);
    this.#slots.set(full, slot);
    return { node: "input", kind, slot, offset };
  }

  #unknownField(full: string, offset: number): Fault {
    const near = suggestion(full, [...(this.#options.known ?? []), ...CONSTANTS.keys()]);
    const hint = near === undefined ? undefined : `Did you mean ${near}?`;
    return typeFault("E-name", `there is no field ${full} here`, offset, hint);
  }

  #call(call: Call): Checked {
    if (AGGREGATE_NAMES.includes(call.name)) {
      const message = `the aggregate ${call.name}(…) is allowed only as the whole expression of a field of a grouped lookup`;
      throw typeFault("E-agg", message, call.offset, ALONE);
    }
    const operands = call.args.map((argument) => this.check(argument));
    const result = CHOICES.get(call.name);
    if (result !== undefined) return checkChoice(call, result, operands);
    const now = this.#options.now ?? Date.now;
    return this.#apply(checkCall(call, operands, now), operands, call.offset);
  }

  #binary({ operator, left, right, offset }: Binary): Checked {
    const operands = [this.check(left), this.check(right)] as const;
    if (operator === "&&" || operator === "||") return checkLogic(operator, operands, offset);
    const [{ kind: leftKind }, { kind: rightKind }] = operands;
    const operation = this.#operation(operator, leftKind, rightKind, offset);
    return this.#apply(operation, operands, offset);
  }

  #operation(operator: string, left: Kind, right: Kind, offset: number): Operation {
    if (isArithmetic(operator)) {
      return arithmetic(operator, left, right, { offset, rounds: this.#rounds });
    }
    if (isComparison(operator)) return comparison(operator, left, right, offset);
    throw typeFault("E-op", `the operator ${operator} is not supported`, offset);
  }

  /** Constants are folded; what fails now fails again on every row, so it stays as it is. */
  #apply(operation: Operation, operands: readonly Checked[], offset: number): Checked {
    const { kind } = operation;
    const node: ApplyNode = { node: "apply", kind, operation, operands, offset };
    const values = operands.flatMap((operand) =>
      operand.node === "constant" ? [operand.value] : [],
    );
    if (operation.changing || values.length < operands.length) return node;
    try {
      return { node: "constant", kind, value: operation.apply(values), offset };
    } catch (error) {
      this.constantFault ??= onlyFault(error);
      return node;
    }
  }
}

function checkLogic(
  operator: "&&" | "||",
  operands: readonly [Checked, Checked],
  offset: number,
): Checked {
  for (const { kind } of operands) {
    if (kind !== "bool") {
      throw typeFault("E-type", `${operator} needs bools, not ${kindName(kind)}`, offset);
    }
  }
  const [left, right] = operands;
  const node: LogicNode["node"] = operator === "&&" ? "and" : "or";
  if (left.node !== "constant") return { node, kind: "bool", left, right, offset };
  return left.value === (node === "and") ? right : left;
}
