import {
  fieldReferences,
  tokenizeExpression,
  type FieldReference,
  type Token,
} from "#pkg/expression";
import { isFault } from "#pkg/fault";
import { rescue } from "./rescue.ts";

/** A formula as the expression parser takes it. */
export interface FormulaShape {
  /** As long as the formula, so that every offset stays true. */
  readonly text: string;
  /** Those of the formula; none when it cannot be read. */
  readonly tokens: readonly Token[];
  /** What Python gets in place of the token at an offset. */
  readonly written: ReadonlyMap<number, string>;
}

const QUOTED =
  /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\/\/[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\(?:[abfnrtv\\']|[0-3][0-7]{2}|x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}))'/giu;
const OPENINGS: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
]);
const SIGNS: ReadonlySet<string> = new Set(["+", "~"]);

/**
 * Go parses more than its expressions evaluate, and some of that means something in Python: powers (to Go a product with what
 * a pointer points to), the signs + and ~, parts of texts and lists in brackets, single characters and integers of other bases.
 * A stand-in takes the place of each.
 */
export function formulaShape(formula: string): FormulaShape {
  const written = new Map<number, string>();
  let text = formula.replaceAll(QUOTED, (quoted, offset: number) => {
    if (!quoted.startsWith("'")) return quoted;
    written.set(offset, quoted);
    return `"${"x".repeat(quoted.length - 2)}"`;
  });
  const tokens = readableTokens(text);
  const around = enclosing(tokens);
  // Python would tell only when it runs.
  if (around === undefined) return { text, tokens, written };
  for (const [at, token] of tokens.entries()) {
    const { offset } = token;
    const shape = standIn(tokens, at, around[at] === "[");
    if (shape === undefined) continue;
    if (isPower(tokens, at)) written.set(offset, "**").set(offset + 1, "");
    else if (token.type === "int") written.set(offset, token.text);
    text = text.slice(0, offset) + shape + text.slice(offset + shape.length);
  }
  return { text, tokens, written };
}

/** Fields that a formula mentions, each once, in order of first use. Throws EXPRESSION_SYNTAX. */
export const formulaReferences = (formula: string): readonly FieldReference[] =>
  fieldReferences(formulaShape(formula).text);

/** None for a text that is no expression, which is reported where it is checked. */
const readableTokens = (text: string): readonly Token[] =>
  rescue<readonly Token[], unknown>(
    () => tokenizeExpression(text),
    isFault,
    () => [],
  );

/** The innermost "(" or "[" around each token; undefined when they do not match. */
function enclosing(tokens: readonly Token[]): readonly (string | undefined)[] | undefined {
  const open: string[] = [];
  const around: (string | undefined)[] = [];
  for (const { text } of tokens) {
    const opening = OPENINGS.get(text);
    if (opening !== undefined && open.pop() !== opening) return undefined;
    around.push(open.at(-1));
    if (text === "(" || text === "[") open.push(text);
  }
  return open.length === 0 ? around : undefined;
}

/** `isPart`: directly inside of brackets. */
function standIn(tokens: readonly Token[], at: number, isPart: boolean): string | undefined {
  const { type, text } = tokens[at] as Token;
  if (type === "int" && !/^\d+$/.test(text)) return "1".repeat(text.length);
  if (type !== "operator") return undefined;
  if (isPower(tokens, at)) return "* ";
  if (SIGNS.has(text)) return endsOperand(tokens[at - 1]) ? undefined : "!";
  switch (text) {
    case "[":
      return endsOperand(tokens[at - 1]) ? "*" : undefined;
    case "]":
      return " ";
    case ":":
      return isPart ? bound(tokens[at - 1], tokens[at + 1]) : undefined;
    default:
      return undefined;
  }
}

/** Either end of a part may be left out. */
function bound(before: Token | undefined, next: Token | undefined): string {
  if (endsOperand(before)) return next?.text === "]" ? " " : "+";
  return next?.text === "]" ? "0" : " ";
}

function isPower(tokens: readonly Token[], at: number): boolean {
  const [token, next] = [tokens[at] as Token, tokens[at + 1]];
  const areStars = token.text === "*" && next?.text === "*" && next.offset === token.offset + 1;
  return areStars && endsOperand(tokens[at - 1]);
}

const endsOperand = (token: Token | undefined): boolean =>
  token !== undefined && (token.type !== "operator" || token.text === ")" || token.text === "]");
