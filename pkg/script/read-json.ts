import { childPath, type Entry, type ListTree, type MapTree, type Tree } from "./tree.ts";

export interface JsonResult {
  readonly tree: Tree;
  readonly duplicates: readonly { readonly offset: number; readonly path: string }[];
}

/** Thrown inside the reader only; `offset` is the first character that does not fit. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Deeper nesting than any script needs; keeps hostile files from exhausting the stack. */
const MAX_DEPTH = 200;
const BLANKS = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- JSON forbids raw control characters in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** A parameter reference where a value is expected, alone or with digits around it. */
const REFERENCES =
  /[-+.\deE]*(?:\{ *[A-Za-z0-9_]+ *(?:\| *(?:string|number|bool|stringlist) *)?\}[-+.\deE]*)+/y;

/**
 * Strict JSON (RFC 8259) with the place of every value. Throws JsonSyntaxError at the first fault. In a script a value
 * may also be a parameter reference without quotes, which reads as a plain text.
 */
export function readJson(text: string, { mayRefer = false } = {}): JsonResult {
  const reader = new JsonReader(text, mayRefer);
  return { tree: reader.document(), duplicates: reader.duplicates };
}

class JsonReader {
  readonly duplicates: { offset: number; path: string }[] = [];
  readonly #text: string;
  readonly #mayRefer: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, mayRefer: boolean) {
    this.#text = text;
    this.#mayRefer = mayRefer;
  }

  document(): Tree {
    this.#blanks();
    const tree = this.#value("");
    this.#blanks();
    if (this.#at < this.#text.length) this.#fail("nothing may follow the end of the value");
    return tree;
  }

  #value(path: string): Tree {
    const offset = this.#at;
    const references = this.#mayRefer ? this.#matched(REFERENCES) : undefined;
    if (references !== undefined)
      return { kind: "scalar", value: references, style: "plain", offset, path };
    switch (this.#text[offset]) {
      case "{":
        return this.#nested(() => this.#map(path, offset));
      case "[":
        return this.#nested(() => this.#list(path, offset));
      case '"':
        return { kind: "scalar", value: this.#string(), style: "double", offset, path };
      default:
        return { kind: "scalar", value: this.#word(), style: "plain", offset, path };
    }
  }

  #nested(read: () => Tree): Tree {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail(`more than ${MAX_DEPTH} levels of nesting`);
    const tree = read();
    this.#depth -= 1;
    return tree;
  }

  #map(path: string, offset: number): MapTree {
    const entries = new Map<string, Entry>();
    this.#at += 1;
    this.#blanks();
    if (!this.#take("}")) {
      do this.#entry(path, entries);
      while (this.#more("}"));
    }
    return { kind: "map", entries, offset, path };
  }

  #entry(path: string, entries: Map<string, Entry>): void {
    this.#blanks();
    const keyOffset = this.#at;
    if (this.#text[keyOffset] !== '"') this.#fail("a key in double quotes is expected");
    const key = this.#string();
    this.#blanks();
    if (!this.#take(":")) this.#fail(`a colon is expected after the key "${key}"`);
    this.#blanks();
    const inner = childPath(path, key);
    if (entries.delete(key)) this.duplicates.push({ offset: keyOffset, path: inner });
    entries.set(key, { key, keyOffset, value: this.#value(inner) });
  }

  #list(path: string, offset: number): ListTree {
    const items: Tree[] = [];
    this.#at += 1;
    this.#blanks();
    if (!this.#take("]")) {
      do {
        this.#blanks();
        items.push(this.#value(`${path}[${items.length}]`));
      } while (this.#more("]"));
    }
    return { kind: "list", items, offset, path };
  }

  /** True after a comma, false after the closing character. */
  #more(close: string): boolean {
    this.#blanks();
    if (this.#take(",")) return true;
    if (this.#take(close)) return false;
    return this.#fail(`a comma or ${close} is expected`);
  }

  #string(): string {
    const matched = this.#matched(STRING);
    if (matched === undefined) return this.#brokenString();
    return matched.includes("\\") ? (JSON.parse(matched) as string) : matched.slice(1, -1);
  }

  #brokenString(): never {
    // eslint-disable-next-line no-control-regex -- see STRING
    const part = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
    part.lastIndex = this.#at;
    this.#at += String(part.exec(this.#text)).length;
    return this.#fail(
      this.#text[this.#at] === "\\"
        ? "unknown escape in a string"
        : "the string does not end on its line; line ends and control characters are escaped",
    );
  }

  /** Reads on behind what matches here; undefined when nothing does. */
  #matched(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const matched = pattern.exec(this.#text)?.[0];
    if (matched !== undefined) this.#at += matched.length;
    return matched;
  }

  #word(): number | boolean | null {
    const number = this.#matched(NUMBER);
    if (number !== undefined) return Number(number);
    const word = /^[a-z]+/.exec(this.#text.slice(this.#at, this.#at + 6))?.[0] ?? "";
    const value = WORDS.get(word);
    if (value === undefined) return this.#fail("a value is expected");
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #blanks(): void {
    this.#matched(BLANKS);
  }

  #fail(expected: string): never {
    const found = this.#text[this.#at];
    const but = found === undefined ? "the file ends here" : `found ${JSON.stringify(found)}`;
    throw new JsonSyntaxError(`not valid JSON: ${expected}, ${but}`, this.#at);
  }
}
