import { textOf } from "./bytes.ts";

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const COLON = 58;
const COMMA = 44;
const SPACE = 32;

/** What is wrong with a line, and at which byte of it. */
export class JsonProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Text of a value: bytes `from` up to `to` of `source`; empty for null. */
export type TakeValue = (column: number, source: Uint8Array, from: number, to: number) => void;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LITERALS: ReadonlySet<string> = new Set(["true", "false", "null"]);
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** Objects on lines of their own: texts of wanted members are handed on as bytes, the others are passed over. */
export class JsonLines {
  readonly #names: ReadonlyMap<string, number>;
  readonly #keys: readonly Uint8Array[];
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #end = 0;
  #start = 0;
  /** Members mostly come in the order of the line before. */
  #guess = 0;

  constructor(names: readonly string[]) {
    this.#names = new Map(names.map((name, column) => [name, column]));
    this.#keys = names.map((name) => encoder.encode(name));
  }

  /** True when there is nothing but blanks. Throws JsonProblem. */
  parse(bytes: Uint8Array, from: number, to: number, take: TakeValue): boolean {
    this.#bytes = bytes;
    this.#start = from;
    this.#at = from;
    this.#end = to;
    this.#skipBlanks();
    if (this.#at === to) return true;
    this.#expect(OPEN_OBJECT, "an object was expected");
    this.#skipBlanks();
    if (this.#peek() === CLOSE_OBJECT) this.#at++;
    else this.#members(take);
    this.#skipBlanks();
    if (this.#at !== to) throw this.#problem("something follows the object");
    return false;
  }

  #members(take: TakeValue): void {
    for (;;) {
      this.#skipBlanks();
      const column = this.#key();
      this.#skipBlanks();
      this.#expect(COLON, "a colon was expected");
      this.#skipBlanks();
      this.#value(column, take);
      this.#skipBlanks();
      const next = this.#peek();
      this.#at++;
      if (next === CLOSE_OBJECT) return;
      if (next !== COMMA) throw this.#problem("a comma or the end of the object was expected", 1);
    }
  }

  /** Column of the key at hand, -1 for one that nobody wants. */
  #key(): number {
    const from = this.#at + 1;
    const isEscaped = this.#passString();
    const to = this.#at - 1;
    const guess = this.#keys[this.#guess];
    if (!isEscaped && guess !== undefined && this.#equals(guess, from, to)) return this.#guess++;
    const text = isEscaped ? this.#decoded(from, to) : textOf(this.#bytes, from, to);
    const column = this.#names.get(text) ?? -1;
    if (column >= 0) this.#guess = column + 1;
    return column;
  }

  #equals(key: Uint8Array, from: number, to: number): boolean {
    if (key.length !== to - from) return false;
    for (let i = 0; i < key.length; i++) if (key[i] !== this.#bytes[from + i]) return false;
    return true;
  }

  #value(column: number, take: TakeValue): void {
    const from = this.#at;
    const first = this.#peek();
    if (first === QUOTE) {
      const isEscaped = this.#passString();
      if (column < 0) return;
      if (!isEscaped) return take(column, this.#bytes, from + 1, this.#at - 1);
      const text = encoder.encode(this.#decoded(from + 1, this.#at - 1));
      return take(column, text, 0, text.length);
    }
    if (first === OPEN_OBJECT || first === OPEN_LIST) this.#passNested();
    else if (this.#passWord() === "null")
      return column < 0 ? undefined : take(column, NOTHING, 0, 0);
    if (column >= 0) take(column, this.#bytes, from, this.#at);
  }

  /** Behind a string; true when something in it is escaped. */
  #passString(): boolean {
    if (this.#peek() !== QUOTE) throw this.#problem("a name in quotes was expected");
    let isEscaped = false;
    for (let at = this.#at + 1; at < this.#end; at++) {
      const byte = this.#bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return isEscaped;
      }
      if (byte === BACKSLASH) {
        isEscaped = true;
        at++;
      } else if (byte < SPACE) {
        this.#at = at;
        throw this.#problem("a control character stands in a text");
      }
    }
    throw this.#problem("a text is not closed");
  }

  #decoded(from: number, to: number): string {
    try {
      return JSON.parse(`"${textOf(this.#bytes, from, to)}"`) as string;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#at = from;
      throw this.#problem("a text has an escape that JSON does not know");
    }
  }

  /** A number, true, false or null. */
  #passWord(): string {
    const from = this.#at;
    while (this.#at < this.#end && !isEndOfWord(this.#bytes[this.#at] as number)) this.#at++;
    const text = textOf(this.#bytes, from, this.#at);
    if (LITERALS.has(text) || NUMBER.test(text)) return text;
    this.#at = from;
    throw this.#problem("a value was expected");
  }

  /** Behind an object or list, looked at as far as its end needs. */
  #passNested(): void {
    let depth = 0;
    do {
      const byte = this.#peek();
      if (byte === -1) throw this.#problem("an object or list is not closed");
      if (byte === QUOTE) {
        this.#passString();
        continue;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
      this.#at++;
    } while (depth > 0);
  }

  #peek(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1;
  }

  #expect(byte: number, message: string): void {
    if (this.#peek() !== byte) throw this.#problem(message);
    this.#at++;
    if (byte === OPEN_OBJECT) this.#guess = 0;
  }

  #skipBlanks(): void {
    const bytes = this.#bytes;
    while (this.#at < this.#end && isBlank(bytes[this.#at] as number)) this.#at++;
  }

  #problem(message: string, back = 0): JsonProblem {
    return new JsonProblem(message, this.#at - back - this.#start + 1);
  }
}

const isBlank = (byte: number): boolean =>
  byte === SPACE || byte === 9 || byte === 13 || byte === 10;

const isEndOfWord = (byte: number): boolean =>
  byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || isBlank(byte);
