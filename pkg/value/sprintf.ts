import { extraArgument, printArgument, starNumber, type PrintArgument } from "./print-argument.ts";
import {
  parsePrintFormat,
  type Directive,
  type PrintFormat,
  type PrintNumber,
} from "./print-format.ts";
import type { PrintSpec } from "./print-spec.ts";

/** Formats may come from data, so the memory is emptied before it grows without bound. */
const MAX_KEPT = 1000;
const kept = new Map<string, PrintFormat>();

function formatOf(format: string, argumentCount: number): PrintFormat {
  const key = `${argumentCount}:${format}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const parsed = parsePrintFormat(format, argumentCount);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, parsed);
  return parsed;
}

interface Resolved {
  readonly value: number | undefined;
  /** In-band complaint about an argument that is no usable number. */
  readonly complaint: string;
}

function resolve(number: PrintNumber, args: readonly PrintArgument[], complaint: string): Resolved {
  if (typeof number !== "object") return { value: number, complaint: "" };
  const value = starNumber(args[number.star]);
  return { value, complaint: value === undefined ? complaint : "" };
}

function printDirective(directive: Directive, args: readonly PrintArgument[]): string {
  const { flags, verb, target } = directive;
  const width = resolve(directive.width, args, "%!(BADWIDTH)");
  const precision = resolve(directive.precision, args, "%!(BADPREC)");
  const isNegative = precision.value !== undefined && precision.value < 0;
  const complaints = width.complaint + (isNegative ? "%!(BADPREC)" : precision.complaint);
  if (typeof target === "string") return complaints + target;
  const isPlain = verb === "v" || verb === "w";
  const source = flags.sharp && isPlain;
  const spec: PrintSpec = {
    plus: flags.plus && !isPlain,
    minus: flags.minus || (width.value ?? 0) < 0,
    sharp: flags.sharp && !source,
    space: flags.space,
    zero: flags.zero,
    source,
    width: width.value === undefined ? undefined : Math.abs(width.value),
    precision: isNegative ? undefined : precision.value,
  };
  return complaints + printArgument(args[target] as PrintArgument, verb, spec);
}

/**
 * fmt.Sprintf (spec/expressions.md 3.4). Misuse gives in-band error texts; only a decimal, datetime or zone with a
 * verb that would print its internals throws: EXPRESSION_ROW with facts.code E-type (Q19).
 */
export function sprintf(format: string, args: readonly PrintArgument[]): string {
  const { segments, extra } = formatOf(format, args.length);
  let text = "";
  for (const segment of segments) {
    text += typeof segment === "string" ? segment : printDirective(segment, args);
  }
  if (extra === undefined) return text;
  return `${text}%!(EXTRA ${args.slice(extra).map(extraArgument).join(", ")})`;
}
