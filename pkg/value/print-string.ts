import { pad, type PrintSpec } from "./print-spec.ts";
import { canBackquote, quoteText } from "./quote.ts";
import { firstCharacters } from "./utf8.ts";

const encoder = new TextEncoder();

const cut = (text: string, { precision }: PrintSpec): string =>
  precision === undefined ? text : firstCharacters(text, precision);

export const printText = (text: string, spec: PrintSpec): string => pad(cut(text, spec), spec);

function printQuoted(text: string, spec: PrintSpec): string {
  const shown = cut(text, spec);
  if (spec.sharp && canBackquote(shown)) return pad(`\`${shown}\``, spec);
  return pad(quoteText(shown, '"', spec.plus), spec);
}

/** Hex of the UTF-8 bytes; the precision counts bytes. */
function printHex(text: string, spec: PrintSpec, upper: boolean): string {
  const bytes = encoder.encode(text).subarray(0, spec.precision);
  const prefix = spec.sharp && bytes.length > 0 ? "0x" : "";
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const hex = prefix + pairs.join(spec.space ? ` ${prefix}` : "");
  return pad(upper ? hex.toUpperCase() : hex, spec);
}

/** Undefined for a verb that does not fit strings. */
export function printString(text: string, verb: string, spec: PrintSpec): string | undefined {
  switch (verb) {
    case "v":
      return spec.source ? printQuoted(text, spec) : printText(text, spec);
    case "s":
      return printText(text, spec);
    case "q":
      return printQuoted(text, spec);
    case "x":
    case "X":
      return printHex(text, spec, verb === "X");
    default:
      return undefined;
  }
}
