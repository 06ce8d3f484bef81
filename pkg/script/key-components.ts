import type { FieldType } from "#pkg/value";
import { rescue } from "./rescue.ts";
import type { KeyComponent } from "./script.ts";
import { shownText } from "./shown.ts";
import { suggested } from "./suggested.ts";

/** What a key may be made of; a field whose own type is wrong has the type undefined and is not looked at further. */
export type KeyFields = ReadonlyMap<string, FieldType | undefined>;

export interface KeyFault {
  readonly message: string;
  /** UTF-16 offset in the text. */
  readonly at: number;
  readonly hint?: string;
}

export interface IndexDefinition {
  readonly unique: boolean;
  readonly components: readonly KeyComponent[];
}

/** The reference raises shorter lengths silently. */
const LEAST_LENGTH = 16;
const MOST_LENGTH = 1024;
/** Names as in expressions: columns of files may have letters of any script. */
const TOKEN = /([\p{L}_][\p{L}_\p{Nd}]*)|(\d+)|([(),])|([ \t\r\n]+)|([^])/guy;

interface Token {
  readonly kind: "name" | "integer" | "mark" | "other" | "end";
  readonly text: string;
  readonly at: number;
}

/** `unique(field(modifier, …), …)`, spec/script.md 5.1; all faults at once, undefined when there are any. */
export function parseIndex(
  text: string,
  fields: KeyFields,
  report: (fault: KeyFault) => void,
): IndexDefinition | undefined {
  const parser = new KeyParser(text, fields, report);
  const definition = parser.index();
  return parser.failed ? undefined : definition;
}

/** `field(modifier, …), …`, spec/script.md 5.1. */
export function parseOrder(
  text: string,
  fields: KeyFields,
  report: (fault: KeyFault) => void,
): readonly KeyComponent[] | undefined {
  const parser = new KeyParser(text, fields, report);
  const components = parser.order();
  return parser.failed ? undefined : components;
}

class Unreadable extends Error {}

const isUnreadable = (error: unknown): error is Unreadable => error instanceof Unreadable;

const orNothing = <Result>(nothing: Result, read: () => Result): Result =>
  rescue(read, isUnreadable, () => nothing);

class KeyParser {
  failed = false;
  readonly #fields: KeyFields;
  readonly #report: (fault: KeyFault) => void;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, fields: KeyFields, report: (fault: KeyFault) => void) {
    this.#fields = fields;
    this.#report = report;
    this.#tokens = tokensOf(text);
  }

  index(): IndexDefinition {
    return orNothing<IndexDefinition>({ unique: false, components: [] }, () => {
      const word = this.#take();
      if (word.text !== "unique" && word.text !== "non_unique")
        this.#fail(word, "an index definition begins with unique( or non_unique(");
      if (this.#take().text !== "(") this.#fail(word, `${word.text} must be followed by (`);
      const components = this.#components(")");
      this.#end();
      return { unique: word.text === "unique", components };
    });
  }

  order(): readonly KeyComponent[] {
    return orNothing<readonly KeyComponent[]>([], () => this.#components(""));
  }

  /** Up to the closing text, which is taken too; "" is the end. */
  #components(close: string): readonly KeyComponent[] {
    const components: KeyComponent[] = [];
    while (this.#peek().text !== close) {
      components.push(this.#component());
      if (this.#peek().text === close) break;
      const comma = this.#take();
      if (comma.text !== ",") this.#fail(comma, `a comma is expected, not ${named(comma)}`);
    }
    this.#take();
    return components;
  }

  #component(): KeyComponent {
    const name = this.#take();
    if (name.kind !== "name") this.#fail(name, `a field name is expected, not ${named(name)}`);
    const field = name.text;
    const isKnown = this.#fields.has(field);
    if (!isKnown)
      this.#fault(name, `there is no field ${field}`, suggested(field, this.#fields.keys()));
    const type = this.#fields.get(field);
    const component = { field, type: type ?? "string", descending: false, ignoreCase: false };
    if (this.#peek().text !== "(") return component;
    this.#take();
    return this.#modifiers(component, isKnown && type === undefined);
  }

  #modifiers(component: KeyComponent, isTypeUnknown: boolean): KeyComponent {
    let result = component;
    while (this.#peek().text !== ")") {
      const modifier = this.#take();
      if (modifier.kind === "name") result = this.#word(result, modifier, isTypeUnknown);
      else if (modifier.kind === "integer") result = this.#length(result, modifier, isTypeUnknown);
      else this.#fail(modifier, `a modifier is expected, not ${named(modifier)}`);
      if (this.#peek().text === ")") break;
      const comma = this.#take();
      if (comma.text !== ",") this.#fail(comma, `a comma or ) is expected, not ${named(comma)}`);
    }
    this.#take();
    return result;
  }

  #word(component: KeyComponent, modifier: Token, isTypeUnknown: boolean): KeyComponent {
    const { text } = modifier;
    if (text === "asc" || text === "desc") return { ...component, descending: text === "desc" };
    if (text !== "ignore_case" && text !== "case_sensitive") {
      const hint = suggested(text, ["asc", "desc", "ignore_case", "case_sensitive"]);
      this.#fault(modifier, `there is no modifier ${text}`, hint);
      return component;
    }
    this.#stringsOnly(component, modifier, isTypeUnknown);
    return { ...component, ignoreCase: text === "ignore_case" };
  }

  #length(component: KeyComponent, modifier: Token, isTypeUnknown: boolean): KeyComponent {
    const length = Number(modifier.text);
    this.#stringsOnly(component, modifier, isTypeUnknown);
    if (length > MOST_LENGTH)
      this.#fault(modifier, `the length ${modifier.text} is above ${MOST_LENGTH}`);
    return { ...component, length: Math.max(length, LEAST_LENGTH) };
  }

  #stringsOnly({ field, type }: KeyComponent, modifier: Token, isTypeUnknown: boolean): void {
    if (type === "string" || isTypeUnknown) return;
    this.#fault(modifier, `${modifier.text} is for strings, and ${field} is ${type}`);
  }

  #end(): void {
    const rest = this.#peek();
    if (rest.kind !== "end")
      this.#fail(rest, `nothing may follow the closing ), not ${named(rest)}`);
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  #fault({ at }: Token, message: string, hint?: string): void {
    this.failed = true;
    this.#report(hint === undefined ? { message, at } : { message, at, hint });
  }

  #fail(token: Token, message: string): never {
    this.#fault(token, message);
    throw new Unreadable(message);
  }
}

const KINDS = ["name", "integer", "mark", "blank", "other"] as const;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const group = match.slice(1).findIndex((text) => text !== undefined);
    const kind = KINDS[group] as (typeof KINDS)[number];
    if (kind !== "blank") tokens.push({ kind, text: match[0], at: match.index });
  }
  return [...tokens, { kind: "end", text: "", at: text.length }];
}

const named = ({ kind, text }: Token): string => (kind === "end" ? "the end" : shownText(text));
