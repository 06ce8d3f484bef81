import { Fault } from "#pkg/fault";
import { MONTHS } from "./calendar.ts";
import { clockOf, type Zone } from "./date-time.ts";
import { pad, PLAIN_SPEC, type PrintSpec } from "./print-spec.ts";
import { printFloat } from "./print-float.ts";
import { printInt } from "./print-int.ts";
import { printString, printText } from "./print-string.ts";
import { quoteText } from "./quote.ts";
import { valueToText, type ValueKind } from "./value-text.ts";
import type { DateTime, Value } from "./value.ts";

/** A value with its kind; length as int, month as its number (1-12). */
export interface PrintArgument {
  readonly kind: ValueKind;
  readonly value: Value | Zone;
}

type Print = (value: Value | Zone, verb: string, spec: PrintSpec) => string | undefined;

const printWhole: Print = (value, verb, spec) =>
  printInt(BigInt(value as bigint | number), verb, spec);

const printBool: Print = (value, verb, spec) =>
  verb === "t" || verb === "v" ? pad(value === true ? "true" : "false", spec) : undefined;

/** Verbs for which a value with a text of its own is printed as that text. */
const TEXT_VERBS = "vsqxX";

const printMonth: Print = (value, verb, spec) =>
  TEXT_VERBS.includes(verb) && !spec.source
    ? printString(valueToText("month", value), verb, spec)
    : printWhole(value, verb, spec);

/** The reference prints memory addresses and other internals here (Q19). */
function internals(kind: ValueKind, verb: string): Fault {
  const message = `%${verb} does not print a ${kind}; use %s or %v, or convert the value first`;
  return new Fault("EXPRESSION_ROW", message, { facts: { code: "E-type" } });
}

function printOpaque(kind: ValueKind): Print {
  return (value, verb, spec) => {
    if (!TEXT_VERBS.includes(verb) || spec.source) throw internals(kind, verb);
    return printString(valueToText(kind, value), verb, spec);
  };
}

/** `%#v` of a datetime is the call that makes it. */
function sourceOf(value: DateTime): string {
  const clock = clockOf(value);
  const { year, month, day, hour, minute, second, nanosecond, zone } = clock;
  const place =
    zone.name === "UTC" ? "time.UTC" : `time.Location(${quoteText(zone.name, '"', false)})`;
  const numbers = [day, hour, minute, second, nanosecond].join(", ");
  return `time.Date(${year}, time.${MONTHS[month - 1] as string}, ${numbers}, ${place})`;
}

const printDateTime: Print = (value, verb, spec) =>
  verb === "v" && spec.source
    ? printText(sourceOf(value as DateTime), spec)
    : printOpaque("datetime")(value, verb, spec);

interface KindPrinting {
  /** Name that %T and the error texts give to the kind. */
  readonly name: string;
  readonly print: Print;
}

const KINDS = {
  int: { name: "int64", print: printWhole },
  length: { name: "int", print: printWhole },
  float: { name: "float64", print: (value, verb, spec) => printFloat(value as number, verb, spec) },
  decimal2: { name: "decimal.Decimal", print: printOpaque("decimal2") },
  string: {
    name: "string",
    print: (value, verb, spec) => printString(value as string, verb, spec),
  },
  bool: { name: "bool", print: printBool },
  datetime: { name: "time.Time", print: printDateTime },
  month: { name: "time.Month", print: printMonth },
  zone: { name: "*time.Location", print: printOpaque("zone") },
} as const satisfies Readonly<Record<ValueKind, KindPrinting>>;

/** The argument as one directive prints it; a verb that does not fit gives the in-band error text. */
export function printArgument(argument: PrintArgument, verb: string, spec: PrintSpec): string {
  const { name, print }: KindPrinting = KINDS[argument.kind];
  if (verb === "T") return printText(name, spec);
  return print(argument.value, verb, spec) ?? badVerb(argument, verb, spec);
}

/** The value is printed as with %v and the same width, precision and flags; a month as its number. */
function badVerb({ kind, value }: PrintArgument, verb: string, spec: PrintSpec): string {
  const { name, print }: KindPrinting = KINDS[kind];
  const shown = (kind === "month" ? printWhole : print)(value, "v", spec);
  return `%!${verb}(${name}=${shown as string})`;
}

/** An argument that no directive used. */
export const extraArgument = (argument: PrintArgument): string =>
  `${KINDS[argument.kind].name}=${printArgument(argument, "v", PLAIN_SPEC)}`;

/** The number a `*` takes from an argument; undefined when it is no integer or too large. */
export function starNumber(argument: PrintArgument | undefined): number | undefined {
  if (argument === undefined) return undefined;
  if (argument.kind !== "int" && argument.kind !== "length" && argument.kind !== "month")
    return undefined;
  const value = Number(argument.value);
  return Math.abs(value) > MAX_NUMBER ? undefined : value;
}

/** Largest width or precision. */
export const MAX_NUMBER = 1_000_000;
