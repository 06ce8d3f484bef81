import { syntaxFault } from "./expression-fault.ts";
import type { Token } from "./tokens.ts";

/** Nesting that the recursive steps after this one are sure to bear. */
const MAX_NESTING = 300;

const BINARY: ReadonlySet<string> = new Set(
  "|| && == != < <= > >= + - * / % | ^ << >> & &^".split(" "),
);
const UNSUPPORTED_UNARY: ReadonlySet<string> = new Set(["+", "^", "~", "&", "*", "<-"]);

interface State {
  readonly tokens: readonly Token[];
  readonly open: ("call" | "group")[];
  readonly dropped: Set<Token>;
  expectOperand: boolean;
  unaryRun: number;
}

/**
 * Refuses every order of tokens that Go refuses and that the expression parser would let through. Returns the trailing
 * commas of calls, which the parser must not see.
 */
export function checkTokenOrder(tokens: readonly Token[]): ReadonlySet<Token> {
  const state: State = { tokens, open: [], dropped: new Set(), expectOperand: true, unaryRun: 0 };
  for (const [index, token] of tokens.entries()) {
    if (token.type === "operator") checkOperator(state, token, index);
    else checkOperand(state, token, index);
  }
  const last = tokens.at(-1);
  const end = last === undefined ? 0 : last.offset + last.text.length;
  if (state.expectOperand) throw syntaxFault("E-parse", "the expression ends too early", end);
  if (state.open.length > 0) throw syntaxFault("E-parse", "a closing parenthesis is missing", end);
  return state.dropped;
}

function checkOperand(state: State, token: Token, index: number): void {
  const afterPoint = state.tokens[index - 1]?.text === "." && token.type === "name";
  if (!state.expectOperand && !afterPoint) {
    throw syntaxFault("E-parse", `an operator is missing before ${token.text}`, token.offset);
  }
  state.expectOperand = false;
  state.unaryRun = 0;
}

function checkOperator(state: State, token: Token, index: number): void {
  switch (token.text) {
    case "(":
      return checkOpening(state, token, index);
    case ")":
      return checkClosing(state, token, index);
    case ",":
      return checkComma(state, token);
    case ".":
      return checkPoint(state, token, index);
    default:
      return state.expectOperand ? checkUnary(state, token) : checkBinary(state, token);
  }
}

function checkUnary(state: State, token: Token): void {
  if (token.text === "-" || token.text === "!") {
    state.unaryRun += 1;
    if (state.unaryRun + state.open.length > MAX_NESTING) throw tooDeep(token);
    return;
  }
  if (UNSUPPORTED_UNARY.has(token.text)) {
    const name = token.text === "*" ? "E-node" : "E-op";
    throw syntaxFault(name, `there is no unary operator ${token.text}`, token.offset);
  }
  throw misplaced(token);
}

function checkBinary(state: State, token: Token): void {
  if (!BINARY.has(token.text)) throw misplaced(token);
  state.expectOperand = true;
}

function misplaced(token: Token): Error {
  return token.text === "[" || token.text === "]" || token.text === "{"
    ? syntaxFault("E-node", `${token.text} is not supported in expressions`, token.offset)
    : syntaxFault("E-parse", `${token.text} is not expected here`, token.offset);
}

function tooDeep(token: Token): Error {
  return syntaxFault("E-parse", "the expression is nested too deeply", token.offset);
}

function checkOpening(state: State, token: Token, index: number): void {
  if (!state.expectOperand && state.tokens[index - 1]?.type !== "name") {
    throw syntaxFault("E-node", "only a function name can be called", token.offset);
  }
  state.open.push(state.expectOperand ? "group" : "call");
  if (state.open.length > MAX_NESTING) throw tooDeep(token);
  state.expectOperand = true;
  state.unaryRun = 0;
}

function checkClosing(state: State, token: Token, index: number): void {
  const open = state.open.pop();
  if (open === undefined) {
    throw syntaxFault("E-parse", "there is no parenthesis to close", token.offset);
  }
  const before = state.tokens[index - 1] as Token;
  if (state.expectOperand) {
    const empty = open === "call" && (before.text === "(" || before.text === ",");
    if (!empty || before.type !== "operator") throw misplaced(token);
    if (before.text === ",") state.dropped.add(before);
  }
  state.expectOperand = false;
}

function checkComma(state: State, token: Token): void {
  if (state.expectOperand || state.open.at(-1) !== "call") throw misplaced(token);
  state.expectOperand = true;
}

function checkPoint(state: State, token: Token, index: number): void {
  const before = state.tokens[index - 1];
  const next = state.tokens[index + 1];
  if (next?.text === "(" && !state.expectOperand) {
    throw syntaxFault("E-node", "type assertions are not supported", token.offset);
  }
  if (state.expectOperand || before === undefined || next?.type !== "name") throw misplaced(token);
  const isPlainName = before.type === "name" && state.tokens[index - 2]?.text !== ".";
  if (!isPlainName) {
    throw syntaxFault("E-node", "only prefix.name is supported, not longer chains", token.offset);
  }
}
