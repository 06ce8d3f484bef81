import {
  decimalFromFloat,
  decimalFromText,
  decimalToFloat,
  floatToText,
  parseFloatText,
  parseInt64,
  valueToText,
  type Decimal,
} from "#pkg/value";
import { rowFault, shown } from "../expression-fault.ts";
import type { Apply, Scalar } from "../operation.ts";
import type { Kind } from "../types.ts";
import { ANY, CONVERTIBLE, type CallSite, type FunctionDefinition } from "./function.ts";

/** What a 64-bit machine conversion yields for NaN, infinities and doubles outside the range (Q17). */
const INT_OVERFLOW = -(2n ** 63n);

function intOfFloat(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : INT_OVERFLOW;
}

const intOfDecimal = (value: Decimal): bigint =>
  BigInt.asIntN(64, value.digits / 10n ** BigInt(value.scale));

/** Applies `convert` to the text; undefined means that it does not fit. */
function fromText(
  convert: (text: string) => Scalar | undefined,
  site: CallSite,
  name: string,
): Apply {
  return (args) => {
    const result = convert(args[0] as string);
    if (result !== undefined) return result;
    const message = `${name}(…) cannot read ${shown(args[0] as string)}`;
    throw rowFault("E-convert", message, site.offset);
  };
}

type ByKind = Readonly<Partial<Record<Kind, (site: CallSite) => Apply>>>;

const same = (): Apply => (args) => args[0] as Scalar;

const TO_INT: ByKind = {
  string: (site) => fromText(parseInt64, site, "int"),
  bool: () => (args) => ((args[0] as boolean) ? 1n : 0n),
  int: same,
  length: same,
  float: () => (args) => intOfFloat(args[0] as number),
  decimal2: () => (args) => intOfDecimal(args[0] as Decimal),
};

const TO_FLOAT: ByKind = {
  string: (site) => fromText(parseFloatText, site, "float"),
  bool: () => (args) => ((args[0] as boolean) ? 1 : 0),
  int: () => (args) => Number(args[0]),
  length: () => (args) => Number(args[0]),
  float: same,
  decimal2: () => (args) => decimalToFloat(args[0] as Decimal),
};

const whole = (digits: bigint): Decimal => ({ digits, scale: 0 });

const TO_DECIMAL: ByKind = {
  string: (site) => fromText(decimalFromText, site, "decimal2"),
  bool: () => (args) => whole((args[0] as boolean) ? 1n : 0n),
  int: () => (args) => whole(args[0] as bigint),
  length: () => (args) => whole(args[0] as bigint),
  float: (site) => (args) => {
    const result = decimalFromFloat(args[0] as number);
    if (result !== undefined) return result;
    throw rowFault("E-nan", `decimal2(…) of ${floatToText(args[0] as number)}`, site.offset);
  },
  decimal2: same,
};

function conversion(result: Kind, table: ByKind): FunctionDefinition {
  const bind = (site: CallSite): Apply =>
    (table[site.kinds[0] as Kind] as (site: CallSite) => Apply)(site);
  return { parameters: [CONVERTIBLE], result, bind };
}

function toText(site: CallSite): Apply {
  const kind = site.kinds[0] as Kind;
  return (args) => valueToText(kind, args[0] as Scalar);
}

export const CONVERSIONS: Readonly<Record<string, FunctionDefinition>> = {
  int: conversion("int", TO_INT),
  float: conversion("float", TO_FLOAT),
  decimal2: conversion("decimal2", TO_DECIMAL),
  string: { parameters: [ANY], result: "string", bind: toText },
};
