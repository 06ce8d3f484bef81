import { MAX_NUMBER } from "./print-argument.ts";

/** A width or precision: written, or taken from argument `star` (which may not exist). */
export type PrintNumber = number | { readonly star: number } | undefined;

export interface PrintFlags {
  plus: boolean;
  minus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
}

/** One `%…` of a format. */
export interface Directive {
  readonly flags: Readonly<PrintFlags>;
  readonly width: PrintNumber;
  readonly precision: PrintNumber;
  readonly verb: string;
  /** The argument to print, or the text that stands in its place. */
  readonly target: number | string;
}

export interface PrintFormat {
  readonly segments: readonly (string | Directive)[];
  /** First argument that no directive used; undefined when all were or `[n]` occurs. */
  readonly extra: number | undefined;
}

const FLAGS: Readonly<Record<string, keyof PrintFlags>> = {
  "+": "plus",
  "-": "minus",
  "#": "sharp",
  " ": "space",
  "0": "zero",
};

const DIGITS = /\d*/y;

/** Characters of `[1]`; with fewer left in the format there is no closing bracket to look for. */
const SHORTEST_INDEX = 3;

/** Whether a number stays within measure up to its last digit. */
const isUsable = (digits: string): boolean => Number(digits.slice(0, -1)) <= MAX_NUMBER;

/** Reads a format for a given number of arguments. */
export function parsePrintFormat(format: string, argumentCount: number): PrintFormat {
  return new FormatReader(format, argumentCount).read();
}

class FormatReader {
  readonly #format: string;
  readonly #count: number;
  #at = 0;
  #next = 0;
  /** `[n]` was used anywhere. */
  #reordered = false;
  #isIndexGood = true;
  /** The last thing read was `[n]`. */
  #afterIndex = false;

  constructor(format: string, argumentCount: number) {
    this.#format = format;
    this.#count = argumentCount;
  }

  read(): PrintFormat {
    const segments: (string | Directive)[] = [];
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      if (end > this.#at) segments.push(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent >= 0) segments.push(this.#directive());
    }
    const isExtra = !this.#reordered && this.#next < this.#count;
    return { segments, extra: isExtra ? this.#next : undefined };
  }

  #directive(): Directive {
    this.#isIndexGood = true;
    this.#afterIndex = false;
    const flags = this.#flags();
    this.#index();
    const width = this.#width();
    const precision = this.#precision();
    if (!this.#afterIndex) this.#index();
    if (this.#at >= this.#format.length) {
      return { flags, width, precision, verb: "", target: "%!(NOVERB)" };
    }
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at) as number);
    this.#at += verb.length;
    return { flags, width, precision, verb, target: this.#target(verb) };
  }

  #target(verb: string): number | string {
    if (verb === "%") return "%";
    if (!this.#isIndexGood) return `%!${verb}(BADINDEX)`;
    if (this.#next >= this.#count) return `%!${verb}(MISSING)`;
    return this.#next++;
  }

  #flags(): PrintFlags {
    const flags = { plus: false, minus: false, sharp: false, space: false, zero: false };
    for (;;) {
      const flag = FLAGS[this.#format.charAt(this.#at)];
      if (flag === undefined) return flags;
      flags[flag] = true;
      this.#at += 1;
    }
  }

  #width(): PrintNumber {
    if (this.#format.charAt(this.#at) === "*") return this.#star();
    const width = this.#number();
    if (this.#afterIndex && width !== undefined) this.#isIndexGood = false;
    return width;
  }

  /** A point that ends the format is left to be a (bad) verb. */
  #precision(): PrintNumber {
    if (this.#format.charAt(this.#at) !== "." || this.#at + 1 >= this.#format.length)
      return undefined;
    this.#at += 1;
    if (this.#afterIndex) this.#isIndexGood = false;
    this.#index();
    if (this.#format.charAt(this.#at) === "*") return this.#star();
    return this.#number() ?? 0;
  }

  #star(): PrintNumber {
    this.#at += 1;
    this.#afterIndex = false;
    const star = this.#next;
    if (star < this.#count) this.#next += 1;
    return { star };
  }

  /** A number beyond all measure swallows the rest of the format. */
  #number(): number | undefined {
    const digits = this.#digits(this.#at);
    if (digits === "") return undefined;
    this.#at += digits.length;
    if (isUsable(digits)) return Number(digits);
    this.#at = this.#format.length;
    return undefined;
  }

  #digits(at: number): string {
    DIGITS.lastIndex = at;
    return (DIGITS.exec(this.#format) as RegExpExecArray)[0];
  }

  /** `[n]`, if it is there. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format.charAt(this.#at) !== "[") return;
    this.#reordered = true;
    const close = this.#format.indexOf("]", this.#at);
    const isCut = this.#format.length - this.#at < SHORTEST_INDEX;
    if (close < 0 || isCut) {
      this.#isIndexGood = false;
      this.#at += 1;
      return;
    }
    const inside = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const isNumber = /^\d+$/.test(inside) && isUsable(inside);
    const index = Number(inside) - 1;
    this.#afterIndex = isNumber;
    if (isNumber && index >= 0 && index < this.#count) this.#next = index;
    else this.#isIndexGood = false;
  }
}
