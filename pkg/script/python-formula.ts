import { parseExpression, type Token, type Tree } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import { formulaShape, type FormulaShape } from "./formula-shape.ts";

/** A call whose function must exist with that number of arguments (spec/script.md 9.1). */
export interface FormulaCall {
  readonly name: string;
  readonly args: number;
  /** UTF-16 offset in the formula. */
  readonly offset: number;
}

export interface PythonFormula {
  /** The formula as Python source, one line. */
  readonly python: string;
  readonly calls: readonly FormulaCall[];
}

/** The Python variable of a field. */
export const variableOf = (prefix: string, name: string): string => `${prefix}_${name}`;

/**
 * A formula as Python source. It is written in what Go expressions and Python have in common and means what Python makes of it;
 * fields become variables, everything else stays. Throws EXPRESSION_SYNTAX with facts.offset.
 */
export function pythonFormula(text: string): PythonFormula {
  const shape = formulaShape(text);
  const tree = parseExpression(shape.text);
  if (tree.type !== "call" && tree.type !== "field")
    throw refused("the formula must be one function call or one field", 0);
  const calls: FormulaCall[] = [];
  checkCalls(tree, true, calls);
  return { python: sourceOf(shape), calls };
}

const refused = (
  message: string,
  offset: number,
  hint = "Write one field or one call; what Go expressions and Python have in common may stand in its arguments.",
): Fault => new Fault("EXPRESSION_SYNTAX", message, { facts: { offset }, hint });

/** Calls inside arithmetic are left to Python: only its code knows what else they may be. */
function checkCalls(tree: Tree, isChecked: boolean, found: FormulaCall[]): void {
  switch (tree.type) {
    case "call":
      if (tree.name.includes("."))
        throw refused(
          `${tree.name}(…) is a method or belongs to a module`,
          tree.offset,
          "Call functions by plain names; put methods and modules into a function of the code.",
        );
      if (isChecked) found.push({ name: tree.name, args: tree.args.length, offset: tree.offset });
      for (const argument of tree.args) checkCalls(argument, true, found);
      return;
    case "unary":
      return checkCalls(tree.operand, false, found);
    case "binary":
      checkCalls(tree.left, false, found);
      return checkCalls(tree.right, false, found);
    default:
  }
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["true", "True"],
  ["false", "False"],
]);

const PYTHON_KEYWORDS: ReadonlySet<string> = new Set(
  (
    "and as assert async await class def del elif except finally from global in is lambda nonlocal not or pass raise try " +
    "while with yield"
  ).split(" "),
);

/** Operators of Go that Python does not have. */
const FOREIGN: ReadonlySet<string> = new Set(["&&", "||", "!", "&^"]);

function sourceOf({ tokens, written }: FormulaShape): string {
  const parts: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    const next = tokens[at + 1];
    const name = tokens[at + 2];
    if (token.type === "name" && next?.text === "." && name !== undefined) {
      parts.push(variableOf(token.text, name.text));
      at += 2;
    } else parts.push(written.get(token.offset) ?? pythonToken(token));
  }
  return parts.filter((part) => part !== "").join(" ");
}

function pythonToken(token: Token): string {
  switch (token.type) {
    case "name":
      return nameOf(token);
    case "int":
      // Python takes no zeros in front.
      return String(BigInt(token.text));
    case "float":
      if (!/p/i.test(token.text)) return token.text;
      throw refused("Python has no hexadecimal fractions", token.offset);
    case "string":
      // Both languages read the escapes of quoted texts alike.
      return token.text.startsWith("`") ? JSON.stringify(token.text.slice(1, -1)) : token.text;
    default:
      if (!FOREIGN.has(token.text)) return token.text;
      throw refused(
        `Python has no operator ${token.text}`,
        token.offset,
        "Pass the values to a function of the code and combine them there.",
      );
  }
}

function nameOf({ text, offset }: Token): string {
  if (PYTHON_KEYWORDS.has(text)) throw refused(`${text} is a keyword of Python`, offset);
  return WORDS.get(text) ?? text;
}
