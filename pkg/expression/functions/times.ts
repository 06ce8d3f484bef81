import { compileLayout, dateFromParts, dateTimeFromMs, type DateTime } from "#pkg/value";
import { rowFault, shown } from "../expression-fault.ts";
import type { Apply, Zone } from "../operation.ts";
import type { CallSite, FunctionDefinition } from "./function.ts";

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;
/** A difference of instants saturates here. */
const MAX_NS = 2n ** 63n - 1n;

const nsOf = (value: unknown): bigint => (value as DateTime).ns;

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

function differenceMs(left: bigint, right: bigint): bigint {
  const difference = left - right;
  if (difference > MAX_NS) return MAX_NS / NS_PER_MS;
  return (difference < -MAX_NS ? -MAX_NS : difference) / NS_PER_MS;
}

function parseTime({ offset }: CallSite): Apply {
  return (args) => {
    const layout = args[0] as string;
    const text = args[1] as string;
    const result = compileLayout(layout).parse(text);
    if (result !== undefined) return result;
    const message = `time.Parse cannot read ${shown(text)} with the layout ${shown(layout)}`;
    throw rowFault("E-time", message, offset);
  };
}

const makeDate: Apply = (args) => {
  const [year, , day, hour, minute, second, nanosecond] = args as readonly bigint[];
  return dateFromParts({
    year: year as bigint,
    month: args[1] as number,
    day: day as bigint,
    hour: hour as bigint,
    minute: minute as bigint,
    second: second as bigint,
    nanosecond: nanosecond as bigint,
    zone: args[7] as Zone,
  });
};

const instants = [["datetime"], ["datetime"]] as const;

export const TIMES: Readonly<Record<string, FunctionDefinition>> = {
  "time.Parse": { parameters: [["string"], ["string"]], result: "datetime", bind: parseTime },
  "time.Format": {
    parameters: [["datetime"], ["string"]],
    result: "string",
    bind: () => (args) => compileLayout(args[1] as string).format(args[0] as DateTime),
  },
  "time.Date": {
    parameters: [["int"], ["month"], ["int"], ["int"], ["int"], ["int"], ["int"], ["zone"]],
    result: "datetime",
    bind: () => makeDate,
  },
  "time.FixedZone": {
    parameters: [["string"], ["int"]],
    result: "zone",
    bind: () => (args) => ({ name: args[0] as string, offset: Number(args[1]) }),
  },
  "time.Now": {
    parameters: [],
    result: "datetime",
    changing: true,
    bind:
      ({ now }) =>
      () =>
        dateTimeFromMs(now()),
  },
  "time.Unix": {
    parameters: [["datetime"]],
    result: "int",
    bind: () => (args) => BigInt.asIntN(64, floorDivide(nsOf(args[0]), NS_PER_S)),
  },
  "time.UnixMilli": {
    parameters: [["datetime"]],
    result: "int",
    bind: () => (args) => BigInt.asIntN(64, floorDivide(nsOf(args[0]), NS_PER_MS)),
  },
  "time.DiffMilli": {
    parameters: instants,
    result: "int",
    bind: () => (args) => differenceMs(nsOf(args[0]), nsOf(args[1])),
  },
  "time.Before": {
    parameters: instants,
    result: "bool",
    bind: () => (args) => nsOf(args[0]) < nsOf(args[1]),
  },
  "time.After": {
    parameters: instants,
    result: "bool",
    bind: () => (args) => nsOf(args[0]) > nsOf(args[1]),
  },
};
