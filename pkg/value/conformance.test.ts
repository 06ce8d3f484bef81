import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import {
  compileCellReader,
  compileCellWriter,
  compileLayout,
  decimalFromText,
  decimalToText,
  floatToText,
  sprintf,
  valueToText,
  type DateTime,
  type Decimal,
  type FieldType,
  type PrintArgument,
  type Value,
} from "#pkg/value";

interface Typed {
  readonly type: FieldType;
  readonly value: string;
}

interface Expected {
  readonly value?: string;
  readonly error?: string;
  readonly code?: string;
  readonly ns?: string;
  readonly offset?: number;
  readonly zone?: string;
}

interface Vector {
  readonly id: string;
  readonly expr?: string;
  readonly vars?: Readonly<Record<string, Typed>>;
  readonly csv?: { readonly cell: string; readonly format?: string; readonly default?: string };
  readonly format?: string;
  readonly type: FieldType;
  readonly expect: Expected;
  readonly free?: string;
}

const folder = process.env["CAPI_VECTORS"] ?? "../shared/conformance/expressions";
const isThere = existsSync(`${folder}/csv_read.jsonl`);

const readVectors = (area: string): readonly Vector[] =>
  readFileSync(`${folder}/${area}.jsonl`, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Vector)
    .filter(({ free }) => free === undefined);

const RFC3339 = compileLayout("2006-01-02T15:04:05.999999999Z07:00");
const NAMED_FLOATS = new Map([
  ["+Inf", Infinity],
  ["-Inf", -Infinity],
]);

function valueOf({ type, value }: Typed): Value {
  switch (type) {
    case "int":
      return BigInt(value);
    case "float":
      return NAMED_FLOATS.get(value) ?? Number(value);
    case "decimal2":
      return decimalFromText(value) as Decimal;
    case "bool":
      return value === "true";
    case "datetime": {
      const read = RFC3339.parse(value) as DateTime;
      return value.endsWith("Z") ? read : { ...read, zone: "" };
    }
    default:
      return value;
  }
}

function canonical(type: FieldType, value: Value): Expected {
  switch (type) {
    case "float":
      return { value: floatToText(value as number) };
    case "decimal2":
      return { value: decimalToText(value as Decimal) };
    case "datetime": {
      const { ns, offset, zone } = value as DateTime;
      return { ns: String(ns), offset, zone };
    }
    default:
      return { value: valueToText(type, value) };
  }
}

/** Literals and references: raw string, quoted string, float, int, bool, field. */
const ARGUMENT =
  /\s*(?:`([^`]*)`|"([^"\\]*)"|(-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+)|(-?\d+)|(true|false)|(r\.\w+))\s*(?:,|$)/y;
const LITERAL_TYPES = ["string", "string", "float", "int", "bool"] as const;

function argumentOf(vector: Vector, groups: readonly (string | undefined)[]): Typed {
  const index = groups.findIndex((group) => group !== undefined);
  const value = groups[index] as string;
  const type = LITERAL_TYPES[index];
  return type === undefined ? (vector.vars?.[value] as Typed) : { type, value };
}

/** The arguments of a call that has nothing but literals and references; undefined for other expressions. */
function simpleArguments(vector: Vector, name: string): readonly Typed[] | undefined {
  const call = vector.expr ?? "";
  if (!call.startsWith(`${name}(`) || !call.endsWith(")")) return undefined;
  const text = call.slice(name.length + 1, -1);
  const found: Typed[] = [];
  ARGUMENT.lastIndex = 0;
  while (ARGUMENT.lastIndex < text.length) {
    const match = ARGUMENT.exec(text);
    if (match === null) return undefined;
    found.push(argumentOf(vector, match.slice(1)));
  }
  return found;
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return isFault(error) ? error.facts["code"] : error;
  }
  return "no error";
}

function check({ expect: expected }: Vector, run: () => Expected): void {
  if (expected.error !== undefined) return expect(codeOf(run)).toBe(expected.code);
  const result = run();
  const wanted = Object.fromEntries(
    Object.keys(result).map((key) => [key, expected[key as "value"]]),
  );
  expect(result).toEqual(wanted);
}

test("the conformance vectors are there, or their absence is allowed", (context) => {
  if (isThere) return;
  expect(process.env["CI"], `no vectors in ${folder}`).not.toBe("true");
  console.warn(`skipped: no conformance vectors in ${folder}; set CAPI_VECTORS`);
  context.skip(`no vectors in ${folder}; set CAPI_VECTORS`);
});

describe.runIf(isThere)("conformance vectors", () => {
  test("every csv_read vector is read as expected", () => {
    for (const vector of readVectors("csv_read")) {
      const { type, csv } = vector;
      check(vector, () => {
        const read = compileCellReader({ type, format: csv?.format, defaultText: csv?.default });
        return canonical(type, read(csv?.cell ?? ""));
      });
    }
  });

  test("every csv_write vector is written as expected", () => {
    for (const vector of readVectors("csv_write")) {
      const variable = vector.vars?.["r.v"] as Typed;
      check(vector, () => ({
        value: compileCellWriter(variable.type, vector.format ?? "")(valueOf(variable)),
      }));
    }
  });

  test("sprintf vectors with plain arguments print as expected", () => {
    let count = 0;
    for (const vector of [...readVectors("sprintf"), ...readVectors("spec_examples")]) {
      const [format, ...rest] = simpleArguments(vector, "fmt.Sprintf") ?? [];
      if (format?.type !== "string" || rest.length === 0) continue;
      const args = rest.map((typed): PrintArgument => ({
        kind: typed.type,
        value: valueOf(typed),
      }));
      check(vector, () => ({ value: sprintf(format.value, args) }));
      count += 1;
    }
    expect(count).toBeGreaterThan(250);
  });

  test("time.Format vectors with plain arguments print as expected", () => {
    let count = 0;
    for (const vector of [...readVectors("time_format"), ...readVectors("spec_examples")]) {
      const [value, layout] = simpleArguments(vector, "time.Format") ?? [];
      if (value?.type !== "datetime" || layout?.type !== "string") continue;
      const text = compileLayout(layout.value).format(valueOf(value) as DateTime);
      check(vector, () => ({ value: text }));
      count += 1;
    }
    expect(count).toBeGreaterThan(100);
  });

  test("time.Parse vectors with plain arguments are read as expected", () => {
    let count = 0;
    for (const vector of readVectors("time_parse")) {
      const [layout, text] = simpleArguments(vector, "time.Parse") ?? [];
      if (layout?.type !== "string" || text?.type !== "string") continue;
      const value = compileLayout(layout.value).parse(text.value);
      if (vector.expect.error === undefined) {
        check(vector, () => canonical("datetime", value as DateTime));
      } else {
        expect(value, vector.expr).toBeUndefined();
      }
      count += 1;
    }
    expect(count).toBeGreaterThan(150);
  });
});
