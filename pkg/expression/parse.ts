import jsep from "jsep";
import { parseFloatText } from "#pkg/value";
import { syntaxFault, typeFault } from "./expression-fault.ts";
import { checkTokenOrder } from "./token-order.ts";
import { tokenize, type Token } from "./tokens.ts";
import { trimQuotes } from "./trim-quotes.ts";
import { PRECEDENCE, type Call, type Field, type Literal, type Name, type Tree } from "./tree.ts";

// The parser library is configured globally; this is the only module that imports it.
jsep.removeAllBinaryOps();
for (const [operator, precedence] of PRECEDENCE) jsep.addBinaryOp(operator, precedence);
jsep.removeAllUnaryOps();
jsep.addUnaryOp("-");
jsep.addUnaryOp("!");
jsep.removeAllLiterals();

export interface Parsed {
  readonly tree: Tree;
  /** The text starts with a parenthesis, so that its root is never an aggregate (spec 4.1). */
  readonly parenthesised: boolean;
}

const MAX_DEPTH = 2000;
const MAX_INT = 2n ** 63n - 1n;

/** One Go expression as a tree. Throws EXPRESSION_SYNTAX (EXPRESSION_TYPE for an integer in a non-decimal spelling). */
export function parse(text: string): Parsed {
  const tokens = tokenize(text);
  const dropped = checkTokenOrder(tokens);
  const shape = jsep(shapeText(text.length, tokens, dropped));
  const parts = tokens.filter((token) => token.type !== "operator" || PARTS.has(token.text));
  const tree = new TreeReader(parts).read(shape, 0);
  return { tree, parenthesised: tokens[0]?.text === "(" };
}

/** The tree alone, for those who read formulas of other languages with this grammar. Throws as `parse`. */
export const parseExpression = (text: string): Tree => parse(text).tree;

const PARTS: ReadonlySet<string> = new Set([...PRECEDENCE.keys(), "!"]);

/**
 * A text of the same length and structure in which every literal and name is a plain placeholder: the library decides
 * precedence and nesting only and never sees a literal, a comment or a name that means something in JavaScript.
 */
function shapeText(length: number, tokens: readonly Token[], dropped: ReadonlySet<Token>): string {
  let shape = "";
  for (const token of tokens) {
    if (dropped.has(token)) continue;
    shape = shape.padEnd(token.offset, " ");
    shape += token.type === "operator" ? token.text : "x".padEnd(token.text.length, "_");
  }
  return shape.padEnd(length, " ");
}

/** Names, literals and operators occur in the source in the order of an in-order walk of the tree. */
class TreeReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  #take(): Token {
    const token = this.#tokens[this.#next] as Token;
    this.#next += 1;
    return token;
  }

  read(shape: jsep.Expression, depth: number): Tree {
    if (depth > MAX_DEPTH) {
      const { offset } = this.#take();
      throw syntaxFault("E-parse", "the expression has too many operators", offset);
    }
    switch (shape.type) {
      case "Identifier":
        return operandOf(this.#take());
      case "MemberExpression":
        return this.#field();
      case "CallExpression":
        return this.#call(shape as jsep.CallExpression, depth);
      case "UnaryExpression": {
        const { text, offset } = this.#take();
        const operand = this.read((shape as jsep.UnaryExpression).argument, depth + 1);
        return { type: "unary", operator: text, operand, offset };
      }
      default: // The order of the tokens was checked: nothing else is left.
        return this.#binary(shape as jsep.BinaryExpression, depth);
    }
  }

  #field(): Field {
    const { text: prefix, offset } = this.#take();
    return { type: "field", prefix, name: this.#take().text, offset };
  }

  #call(shape: jsep.CallExpression, depth: number): Call {
    const { text, offset } = this.#take();
    const isDotted = shape.callee.type === "MemberExpression";
    const name = isDotted ? `${text}.${this.#take().text}` : text;
    const args = shape.arguments.map((argument) => this.read(argument, depth + 1));
    return { type: "call", name, args, offset };
  }

  #binary(shape: jsep.BinaryExpression, depth: number): Tree {
    const left = this.read(shape.left, depth + 1);
    const { text: operator, offset } = this.#take();
    const right = this.read(shape.right, depth + 1);
    return { type: "binary", operator, left, right, offset };
  }
}

function operandOf(token: Token): Literal | Name {
  const { text, offset } = token;
  switch (token.type) {
    case "int":
      return intLiteral(text, offset);
    case "float":
      return { type: "literal", kind: "float", value: floatOf(text), raw: text, offset };
    case "string":
      return {
        type: "literal",
        kind: "string",
        value: stringOf(text),
        raw: sourceOf(text),
        offset,
      };
    default:
      return { type: "name", name: text, offset };
  }
}

/** Digits are base ten even after a leading zero (Q1); what does not fit 64 bits is a decimal. */
function intLiteral(raw: string, offset: number): Literal {
  if (!/^\d+$/.test(raw)) {
    const message = `integers are written with decimal digits only, not as ${raw}`;
    throw typeFault("E-convert", message, offset, "Write the number in decimal.");
  }
  const value = BigInt(raw);
  return value <= MAX_INT
    ? { type: "literal", kind: "int", value, raw, offset }
    : { type: "literal", kind: "decimal2", value: { digits: value, scale: 0 }, raw, offset };
}

function floatOf(text: string): number {
  const plain = text.replaceAll("_", "");
  return parseFloatText(plain) ?? Number.POSITIVE_INFINITY;
}

/** Escapes are not interpreted and quotes are cut greedily (Q2). */
function stringOf(text: string): string {
  return text.startsWith("`") ? sourceOf(text).slice(1, -1) : trimQuotes(text);
}

/** Go drops carriage returns from raw strings while scanning. */
function sourceOf(text: string): string {
  return text.startsWith("`") ? text.replaceAll("\r", "") : text;
}
