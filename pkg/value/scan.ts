import { parseFloatText } from "./float-text.ts";
import { scaleByPowerOfTwo } from "./binary-float.ts";
import { isInt64 } from "./int-text.ts";
import { parseScanFormat, type ScanStep } from "./scan-format.ts";
import { ScanInput } from "./scan-input.ts";

type ScanVerb = (input: ScanInput) => bigint | number | undefined;

const SIGN = "+-";
const BINARY = "01";
const OCTAL = "01234567";
const DECIMAL = "0123456789";
const HEX = "0123456789aAbBcCdDeEfF";

/** Integer of a token: optional sign, digits of the base. */
function toInteger(token: string, prefix: string): bigint | undefined {
  const negative = token.startsWith("-");
  const digits = token.replace(/^[+-]/, "");
  const magnitude = BigInt(prefix + digits);
  const value = negative ? -magnitude : magnitude;
  return isInt64(value) ? value : undefined;
}

function integer(digits: string, prefix: string): (input: ScanInput) => bigint | undefined {
  return (input) => {
    const start = input.at;
    input.accept(SIGN);
    return input.acceptAll(digits) === 0 ? undefined : toInteger(input.textFrom(start), prefix);
  };
}

/** Alternatives after a leading zero. */
const PREFIXES: readonly (readonly [string, string, string])[] = [
  ["bB", BINARY, "0b"],
  ["oO", OCTAL, "0o"],
  ["xX", HEX, "0x"],
];
const SEPARATED = /^\d[\da-fA-F]*(?:_[\da-fA-F]+)*$/;

/** `%v`: the prefix selects the base, `_` may stand between digits and after the prefix. */
function prefixed(input: ScanInput): bigint | undefined {
  const start = input.at;
  input.accept(SIGN);
  const sign = input.textFrom(start);
  const from = input.at;
  let [digits, prefix] = [DECIMAL, ""];
  if (input.accept("0")) {
    [digits, prefix] = [OCTAL, "0o"];
    const found = PREFIXES.find(([letters]) => input.accept(letters));
    if (found !== undefined) [, digits, prefix] = found;
  }
  input.acceptAll(`${digits}_`);
  const token = input.textFrom(from);
  const value = token.replace(/^0[a-zA-Z]/, "0");
  return SEPARATED.test(value) && !/^0[a-zA-Z]_?$/.test(token)
    ? toInteger(sign + value.replaceAll("_", ""), prefix)
    : undefined;
}

function character(input: ScanInput): bigint | undefined {
  const code = input.take();
  return code === undefined ? undefined : BigInt(code);
}

function codePoint(input: ScanInput): bigint | undefined {
  if (!input.accept("U") || !input.accept("+")) return undefined;
  const start = input.at;
  return input.acceptAll(HEX) === 0 ? undefined : toInteger(input.textFrom(start), "0x");
}

const acceptWord = (input: ScanInput, letters: readonly string[]): boolean =>
  letters.every((letter) => input.accept(letter));

/** The longest beginning that looks like a float, converted as a whole. */
function float(input: ScanInput): number | undefined {
  const start = input.at;
  const token = (): string => input.textFrom(start);
  if (acceptWord(input, ["nN", "aA", "nN"])) return parseFloatText(token());
  input.accept(SIGN);
  if (acceptWord(input, ["iI", "nN", "fF"])) return parseFloatText(token());
  const isHex = input.accept("0") && input.accept("xX");
  const digits = isHex ? `${HEX}_` : `${DECIMAL}_`;
  input.acceptAll(digits);
  if (input.accept(".")) input.acceptAll(digits);
  if (input.accept(isHex ? "pP" : "eEpP")) {
    input.accept(SIGN);
    input.acceptAll(`${DECIMAL}_`);
  }
  return isHex ? parseFloatText(token()) : fromMixedToken(token());
}

/** `1.5p3`: decimal digits times a power of two. */
function fromMixedToken(token: string): number | undefined {
  const at = token.indexOf("p");
  if (at < 0) return parseFloatText(token);
  const mantissa = parseFloatText(token.slice(0, at));
  const power = token.slice(at + 1);
  if (mantissa === undefined || !/^[+-]?\d+$/.test(power)) return undefined;
  return scaleByPowerOfTwo(mantissa, Number(power));
}

const VERBS: Readonly<Record<"int" | "float", Readonly<Record<string, ScanVerb>>>> = {
  int: {
    d: integer(DECIMAL, ""),
    x: integer(HEX, "0x"),
    X: integer(HEX, "0x"),
    o: integer(OCTAL, "0o"),
    b: integer(BINARY, "0b"),
    v: prefixed,
    c: character,
    U: codePoint,
  },
  float: Object.fromEntries(Array.from("beEfFgGv", (verb) => [verb, float])),
};

/** Reads a number out of a text; undefined when the text does not fit. Text left over is ignored. */
export type Scan = (text: string) => bigint | number | undefined;

/**
 * `col_format` of int, float and decimal2 columns (spec/expressions.md 5.4): bigint for "int", number for "float".
 * Undefined when the format itself can never read such a value, for example because it has no verb or two.
 */
export function compileScan(format: string, type: "int" | "float"): Scan | undefined {
  const parsed = parseScanFormat(format);
  const scanVerb = parsed === undefined ? undefined : VERBS[type][parsed.verb];
  if (parsed === undefined || scanVerb === undefined) return undefined;
  const { before, after, verb, width } = parsed;
  return (text) => {
    const input = new ScanInput(text);
    if (!matchAll(before, input)) return undefined;
    if (verb !== "c" && !input.skipBlanks()) return undefined;
    input.limit(width);
    const value = scanVerb(input);
    input.limit(undefined);
    return value !== undefined && matchAll(after, input) ? value : undefined;
  };
}

const matchAll = (steps: readonly ScanStep[], input: ScanInput): boolean =>
  steps.every((step) => input.match(step));
