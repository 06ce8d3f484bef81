import { formatFloat, type FloatVerb } from "./float-format.ts";
import { notFiniteText } from "./float-text.ts";
import { pad, padBlank, type PrintSpec } from "./print-spec.ts";

interface Form {
  readonly verb: FloatVerb;
  readonly upper: boolean;
  /** -1 = the fewest digits. */
  readonly precision: number;
}

const SHORTEST = -1;
const USUAL_DIGITS = 6;

const FORMS: Readonly<Record<string, Form>> = {
  v: { verb: "g", upper: false, precision: SHORTEST },
  b: { verb: "b", upper: false, precision: SHORTEST },
  g: { verb: "g", upper: false, precision: SHORTEST },
  G: { verb: "g", upper: true, precision: SHORTEST },
  x: { verb: "x", upper: false, precision: SHORTEST },
  X: { verb: "x", upper: true, precision: SHORTEST },
  e: { verb: "e", upper: false, precision: USUAL_DIGITS },
  E: { verb: "e", upper: true, precision: USUAL_DIGITS },
  f: { verb: "f", upper: false, precision: USUAL_DIGITS },
  F: { verb: "f", upper: false, precision: USUAL_DIGITS },
};

/** The sign to print before a magnitude. */
function shownSign(negative: boolean, spec: PrintSpec): string {
  if (negative) return "-";
  if (spec.plus) return "+";
  return spec.space ? " " : "";
}

function printNotFinite(value: number, spec: PrintSpec): string {
  const name = notFiniteText(value).replace(/^[+-]/, "");
  const sign = shownSign(value < 0, spec);
  return padBlank((sign === "" && name !== "NaN" ? "+" : sign) + name, spec);
}

/** `#`: a point in any case, and trailing zeros up to the significant digits for g and x. */
function withPoint(text: string, verb: string, precision: number): string {
  const at = text.search(verb === "x" || verb === "X" ? /p/i : /e/i);
  const mantissa = at < 0 ? text : text.slice(0, at);
  const tail = at < 0 ? "" : text.slice(at);
  const pointed = mantissa.includes(".") ? mantissa : `${mantissa}.`;
  if (!"gGvx".includes(verb)) return pointed + tail;
  const wanted = precision < 0 ? USUAL_DIGITS : precision;
  const significant = mantissa === "0" ? 1 : mantissa.replace(/^[0.]+/, "").replace(".", "").length;
  return pointed + "0".repeat(Math.max(0, wanted - significant)) + tail;
}

/** Undefined for a verb that does not fit floats. */
export function printFloat(value: number, verb: string, spec: PrintSpec): string | undefined {
  const form = FORMS[verb];
  if (form === undefined) return undefined;
  if (!Number.isFinite(value)) return printNotFinite(value, spec);
  const precision = spec.precision ?? form.precision;
  const text = formatFloat(Math.abs(value), form.verb, precision, form.upper);
  const magnitude = spec.sharp && verb !== "b" ? withPoint(text, verb, precision) : text;
  const sign = shownSign(value < 0 || Object.is(value, -0), spec);
  if (sign === "" || !spec.zero || spec.minus || spec.width === undefined) {
    return pad(sign + magnitude, spec);
  }
  return sign + magnitude.padStart(spec.width - 1, "0");
}
