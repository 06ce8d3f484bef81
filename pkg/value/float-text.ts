import { joinFloat } from "./binary-float.ts";

const PLAIN_FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const SEPARATED_FLOAT =
  /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const HEX_FLOAT =
  /^([+-]?)0[xX](?:_?([\da-fA-F]+(?:_[\da-fA-F]+)*)(?:\.([\da-fA-F]+(?:_[\da-fA-F]+)*)?)?|\.([\da-fA-F]+(?:_[\da-fA-F]+)*))[pP]([+-]?\d+(?:_\d+)*)$/;
const NAMED_FLOATS: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["+inf", Infinity],
  ["-inf", -Infinity],
  ["infinity", Infinity],
  ["+infinity", Infinity],
  ["-infinity", -Infinity],
]);

/** Nearest double of a float text of spec/expressions.md 5.3; undefined when it does not fit or is too large. */
export function parseFloatText(text: string): number | undefined {
  if (PLAIN_FLOAT.test(text)) return finite(Number(text));
  if (text.includes("_") && SEPARATED_FLOAT.test(text)) {
    return finite(Number(text.replaceAll("_", "")));
  }
  const named = NAMED_FLOATS.get(text.toLowerCase());
  return named ?? parseHexFloat(text);
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function parseHexFloat(text: string): number | undefined {
  const match = HEX_FLOAT.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", after = "", only = "", power = ""] = match;
  const fraction = (after + only).replaceAll("_", "");
  const mantissa = BigInt(`0x${whole.replaceAll("_", "")}${fraction}`);
  const exponent = Number(power.replaceAll("_", "")) - 4 * fraction.length;
  const magnitude = finite(joinFloat(mantissa, exponent));
  return magnitude !== undefined && sign === "-" ? -magnitude : magnitude;
}

/** `1.5e+7` with at least two exponent digits, from JavaScript's exponent form. */
export function padExponent(text: string): string {
  const at = text.length - 2;
  const before = text.charCodeAt(at);
  return before === 43 || before === 45 ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}

/** `NaN`, `+Inf` or `-Inf`. */
export const notFiniteText = (value: number): string => {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
};

/** Default text of a float: shortest digits, exponent form below 1e-4 and from 1e6 on (spec/expressions.md 5.1). */
export function floatToText(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return String(value);
  if (!Number.isFinite(value)) return notFiniteText(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  return padExponent(value.toExponential());
}
