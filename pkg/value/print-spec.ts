import { characterCount } from "./utf8.ts";

/** Flags, width and precision of one directive of a format (spec/expressions.md 3.4). */
export interface PrintSpec {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%#v` (or the bad verb `%#w`), which only quotes strings and then drops the other meaning of `#`. */
  readonly source: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

export const PLAIN_SPEC: PrintSpec = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  source: false,
  width: undefined,
  precision: undefined,
};

/** Filled up to the width in code points; zeros go to the left only, before texts as well (Q20). */
export function pad(text: string, spec: PrintSpec): string {
  if (spec.width === undefined) return text;
  const missing = spec.width - characterCount(text);
  if (missing <= 0) return text;
  if (spec.minus) return text + " ".repeat(missing);
  return (spec.zero ? "0" : " ").repeat(missing) + text;
}

/** `pad` with blanks whatever the zero flag says. */
export const padBlank = (text: string, spec: PrintSpec): string =>
  pad(text, spec.zero ? { ...spec, zero: false } : spec);
