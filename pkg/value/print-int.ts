import { pad, padBlank, type PrintSpec } from "./print-spec.ts";
import { isPrintable, quoteText } from "./quote.ts";

const MAX_CODE_POINT = 0x10_ffffn;
const REPLACEMENT = "\ufffd";

/** Surrogates are no characters. */
const isCharacter = (value: bigint): boolean =>
  value >= 0n && value <= MAX_CODE_POINT && (value < 0xd800n || value > 0xdfffn);

/** The character of a code point; U+FFFD for numbers that are none. */
const characterOf = (value: bigint): string =>
  isCharacter(value) ? String.fromCodePoint(Number(value)) : REPLACEMENT;

const MIN_UNICODE_DIGITS = 4;

function printUnicode(value: bigint, spec: PrintSpec): string {
  const digits = Math.max(spec.precision ?? 0, MIN_UNICODE_DIGITS);
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(digits, "0");
  const character = characterOf(value);
  const shown = spec.sharp && isCharacter(value) && isPrintable(character) ? ` '${character}'` : "";
  return padBlank(`U+${hex}${shown}`, spec);
}

interface Base {
  readonly radix: 2 | 8 | 10 | 16;
  readonly upper: boolean;
  /** What `#` puts before the digits. */
  readonly prefix: string;
}

const BASES: Readonly<Record<string, Base>> = {
  v: { radix: 10, upper: false, prefix: "" },
  d: { radix: 10, upper: false, prefix: "" },
  b: { radix: 2, upper: false, prefix: "0b" },
  o: { radix: 8, upper: false, prefix: "0" },
  O: { radix: 8, upper: false, prefix: "0" },
  x: { radix: 16, upper: false, prefix: "0x" },
  X: { radix: 16, upper: true, prefix: "0X" },
};

function signOf(value: bigint, spec: PrintSpec): string {
  if (value < 0n) return "-";
  if (spec.plus) return "+";
  return spec.space ? " " : "";
}

function prefixOf(digits: string, verb: string, base: Base, spec: PrintSpec): string {
  const marked = verb === "O" ? "0o" : "";
  if (!spec.sharp || (base.radix === 8 && digits.startsWith("0"))) return marked;
  return marked + base.prefix;
}

/** The fewest digits to print: the precision, or the width if zeros fill it (room for a sign left). */
function leastDigits(sign: string, spec: PrintSpec): number {
  if (spec.precision !== undefined) return spec.precision;
  if (!spec.zero || spec.minus || spec.width === undefined) return 0;
  return spec.width - sign.length;
}

function printDigits(value: bigint, verb: string, base: Base, spec: PrintSpec): string {
  if (spec.precision === 0 && value === 0n) return padBlank("", spec);
  const sign = signOf(value, spec);
  const magnitude = (value < 0n ? -value : value).toString(base.radix);
  const digits = magnitude.padStart(leastDigits(sign, spec), "0");
  const text =
    sign + prefixOf(digits, verb, base, spec) + (base.upper ? digits.toUpperCase() : digits);
  return padBlank(text, spec);
}

/** Undefined for a verb that does not fit integers. */
export function printInt(value: bigint, verb: string, spec: PrintSpec): string | undefined {
  const base = BASES[verb];
  if (base !== undefined) return printDigits(value, verb, base, spec);
  switch (verb) {
    case "c":
      return pad(characterOf(value), spec);
    case "q":
      return pad(quoteText(characterOf(value), "'", spec.plus), spec);
    case "U":
      return printUnicode(value, spec);
    default:
      return undefined;
  }
}
