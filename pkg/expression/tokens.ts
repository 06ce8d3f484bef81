import { syntaxFault } from "./expression-fault.ts";
import { numberTextType, NUMBER } from "./number-token.ts";

export type TokenType = "name" | "int" | "float" | "string" | "operator";

export interface Token {
  readonly type: TokenType;
  /** Source text; a string literal with its quotes. */
  readonly text: string;
  readonly offset: number;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "break case chan const continue default defer else fallthrough for func go goto if import " +
    "interface map package range return select struct switch type var"
  ).split(" "),
);

const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const BLANKS = /(?:[ \t\r\n]|\/\/[^\n]*|\/\*[^]*?\*\/)+/y;
const QUOTED =
  /"(?:[^"\\\n]|\\(?:[abfnrtv\\"]|[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*"/y;
const RAW = /`[^`]*`/y;
const OPERATOR =
  /&\^=|<<=|>>=|\.\.\.|&&|\|\||<-|\+\+|--|==|!=|<=|>=|:=|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|&\^|[+\-*/%&|^~<>=!()[\]{},;.:]/y;
const CODE_POINT_ESCAPE = /\\(?:\\|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[^uU])/g;

/** Splits Go source text into tokens, comments and blanks dropped; a newline after an operand must be the last token. */
export function tokenize(text: string): readonly Token[] {
  const bad = /[\0\uFEFF]/.exec(text.slice(1));
  if (bad !== null) throw syntaxFault("E-parse", "illegal character", bad.index + 1);
  const tokens: Token[] = [];
  let position = text.startsWith("\uFEFF") ? 1 : 0;
  let lineEnded = false;
  while (position < text.length) {
    const blanks = match(BLANKS, text, position);
    if (blanks !== undefined) {
      lineEnded ||= hasNewline(blanks) && endsOperand(tokens.at(-1));
      position += blanks.length;
      continue;
    }
    if (lineEnded) {
      throw syntaxFault("E-parse", "the expression ended with the line before this", position);
    }
    const token = readToken(text, position);
    tokens.push(token);
    position += token.text.length;
  }
  return tokens;
}

function match(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

function hasNewline(blanks: string): boolean {
  return blanks.includes("\n");
}

function endsOperand(token: Token | undefined): boolean {
  return token !== undefined && (token.type !== "operator" || token.text === ")");
}

function readToken(text: string, offset: number): Token {
  const name = match(NAME, text, offset);
  if (name !== undefined) return nameToken(name, offset);
  const number = match(NUMBER, text, offset);
  if (number !== undefined) return numberToken(number, offset);
  const first = text[offset] as string;
  if (first === '"' || first === "`") return stringToken(text, offset);
  if (first === "'") {
    throw syntaxFault("E-node", "character literals are not supported; write a string", offset);
  }
  const operator = match(OPERATOR, text, offset);
  if (operator === undefined) {
    const character = String.fromCodePoint(text.codePointAt(offset) as number);
    throw syntaxFault("E-parse", `illegal character ${JSON.stringify(character)}`, offset);
  }
  if (operator === "/" && text[offset + 1] === "*") {
    throw syntaxFault("E-parse", "the comment is not closed", offset);
  }
  return { type: "operator", text: operator, offset };
}

function nameToken(text: string, offset: number): Token {
  if (KEYWORDS.has(text)) {
    throw syntaxFault("E-parse", `${text} is a keyword and cannot be a name`, offset);
  }
  return { type: "name", text, offset };
}

function numberToken(text: string, offset: number): Token {
  if (text.endsWith("i")) {
    throw syntaxFault("E-node", `imaginary numbers such as ${text} are not supported`, offset);
  }
  const type = numberTextType(text);
  if (type === undefined) throw syntaxFault("E-parse", `${text} is not a number`, offset);
  return { type, text, offset };
}

function stringToken(text: string, offset: number): Token {
  const literal = match(text[offset] === '"' ? QUOTED : RAW, text, offset);
  if (literal === undefined || !hasValidEscapes(literal)) {
    throw syntaxFault("E-parse", "the string is not closed or has an illegal escape", offset);
  }
  return { type: "string", text: literal, offset };
}

function hasValidEscapes(literal: string): boolean {
  if (literal.startsWith("`")) return true;
  for (const escape of literal.matchAll(CODE_POINT_ESCAPE)) {
    const hex = escape[1] ?? escape[2];
    if (hex === undefined) continue;
    const code = Number.parseInt(hex, 16);
    if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}
