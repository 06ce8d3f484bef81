import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compileExpression, trialEvaluate } from "#pkg/expression";
import { Fault, isFault } from "#pkg/fault";
import { valueAt, vectorFrom } from "#pkg/rowset";
import {
  compileCellReader,
  compileCellWriter,
  compileLayout,
  decimalFromText,
  decimalToText,
  defaultValue,
  floatToText,
  type DateTime,
  type Decimal,
  type FieldType,
  type Value,
} from "#pkg/value";
import { describe, expect, test } from "vitest";
import type { CompiledExpression, ExpressionPlace } from "./types.ts";
import { faultThrown } from "../../test/support/fault-of.ts";

interface Field {
  readonly type: FieldType;
  readonly value: string;
}
type Fields = Readonly<Record<string, Field>>;

interface Expectation {
  readonly value?: string;
  readonly bits?: string;
  readonly ns?: string;
  readonly offset?: number;
  readonly zone?: string;
  readonly error?: "parse" | "type" | "eval";
  readonly code?: string;
  readonly loads?: true;
}

interface Vector {
  readonly id: string;
  readonly area: string;
  readonly place?: "cond" | "group" | "load" | "loadgroup" | "read" | "write";
  readonly expr: string;
  readonly vars?: Fields;
  readonly rows?: readonly Fields[];
  readonly csv?: { readonly cell: string; readonly format?: string; readonly default?: string };
  readonly format?: string;
  readonly type: FieldType;
  readonly expect: Expectation;
  readonly free?: string;
}

const FOLDER =
  process.env["CAPI_VECTORS"] ??
  join(import.meta.dirname, "../../../shared/conformance/expressions");

/** Areas whose expressions may hold several faults, so that the name of the first one is not compared. */
const SEVERAL_FAULTS = /^random/;

const BITS = new DataView(new ArrayBuffer(8));

function floatOf(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

function dateTimeOf(text: string): DateTime {
  const parsed = compileLayout("2006-01-02T15:04:05.999999999Z07:00").parse(text) as DateTime;
  return text.endsWith("Z") ? parsed : { ...parsed, zone: "" };
}

function valueOf({ type, value }: Field): Value {
  switch (type) {
    case "int":
      return BigInt(value);
    case "float":
      return floatOf(value);
    case "decimal2":
      return decimalFromText(value) as Decimal;
    case "string":
      return value;
    case "bool":
      return value === "true";
    case "datetime":
      return dateTimeOf(value);
  }
}

function bitsOf(value: number): string {
  BITS.setFloat64(0, value);
  return Number.isNaN(value)
    ? "7ff8000000000000"
    : BITS.getBigUint64(0).toString(16).padStart(16, "0");
}

/** What a vector states about a value of the type. */
function canonical(type: FieldType, value: Value): Expectation {
  switch (type) {
    case "float":
      return { value: floatToText(value as number), bits: bitsOf(value as number) };
    case "decimal2":
      return { value: decimalToText(value as Decimal) };
    case "datetime": {
      const { ns, offset, zone } = value as DateTime;
      return { ns: String(ns), offset, zone };
    }
    default:
      return { value: `${value as bigint | string | boolean}` };
  }
}

/** A stated datetime is compared by its parts, which decide. */
function expectation({ type, expect: { value, bits, ns, offset, zone } }: Vector): Expectation {
  if (type === "datetime") return { ns, offset, zone } as Expectation;
  return (type === "float" ? { value, bits } : { value }) as Expectation;
}

function placeOf({ place, rows }: Vector): ExpressionPlace {
  if (place === "cond") return "condition";
  const isGroup = place === "loadgroup" || (place === "group" && rows?.length !== 0);
  return isGroup ? "group" : "field";
}

function compile(vector: Vector, place: ExpressionPlace): CompiledExpression {
  const fields = new Map(Object.entries({ ...vector.vars, ...vector.rows?.[0] }));
  return compileExpression(vector.expr, {
    place,
    typeOf: (prefix, name) => fields.get(`${prefix}.${name}`)?.type,
    declared: vector.type,
  });
}

/** The values of the inputs of one row. */
function bind(compiled: CompiledExpression, vars: Fields | undefined, row?: Fields): Value[] {
  const fields = new Map(Object.entries({ ...vars, ...row }));
  return compiled.inputs.map(({ prefix, name }) =>
    valueOf(fields.get(`${prefix}.${name}`) as Field),
  );
}

const BATCH_ROWS = [1, 3];

function outcome(run: () => Expectation): unknown {
  try {
    return run();
  } catch (error) {
    if (!isFault(error)) throw error;
    return { fault: error.code, code: error.facts["code"], message: error.message };
  }
}

/** Evaluates one row, and the same as columns of 1 and 3 rows, which must agree. */
function evaluate(
  compiled: CompiledExpression,
  type: FieldType,
  values: readonly Value[],
): Expectation {
  const single = outcome(() => canonical(type, compiled.evaluate(values)));
  for (const rows of BATCH_ROWS) {
    const columns = outcome(() => {
      const inputs = values.map((value, at) =>
        vectorFrom(
          compiled.inputTypes[at] as FieldType,
          Array.from({ length: rows }, () => value),
        ),
      );
      const vector = compiled.evaluateColumns(inputs, rows);
      return canonical(type, valueAt(vector, rows - 1));
    });
    expect(columns).toEqual(single);
  }
  return canonical(type, compiled.evaluate(values));
}

/** Fields have one type in all rows; the reference finds out while accumulating. */
function requireSameTypes(rows: readonly Fields[]): void {
  const types = rows.map((row) => JSON.stringify(Object.values(row).map(({ type }) => type)));
  if (new Set(types).size > 1) {
    throw new Fault("EXPRESSION_TYPE", "types differ from row to row", {
      facts: { code: "E-type" },
    });
  }
}

function evaluateGroup(compiled: CompiledExpression, vector: Vector): Expectation {
  const rows = vector.rows ?? [];
  requireSameTypes(rows);
  const values = rows.map((row) => bind(compiled, vector.vars, row));
  if (compiled.aggregate === undefined) {
    const results = values.map((one) => evaluate(compiled, vector.type, one));
    return results.at(-1) as Expectation;
  }
  const inputs = compiled.inputTypes.map((type, at) =>
    vectorFrom(
      type,
      values.map((one) => one[at] as Value),
    ),
  );
  const all = compiled.aggregate.accumulators(1);
  all.add(new Int32Array(rows.length), inputs, rows.length);
  const absent = defaultValue(vector.type);
  const result = canonical(vector.type, valueAt(all.results(absent), 0));
  const single = compiled.aggregate.accumulators(0);
  single.grow(2);
  for (const one of values) {
    const row = one.map((value, at) => vectorFrom(compiled.inputTypes[at] as FieldType, [value]));
    single.add(Int32Array.of(1), row, 1);
  }
  expect(canonical(vector.type, valueAt(single.results(absent), 1))).toEqual(result);
  return result;
}

/** Left row without match: an aggregate has its default, anything else is a field without l. values. */
function evaluateUnmatched(vector: Vector): Expectation {
  const isAggregate = /^(?:sum|count|avg|min|max|string_agg)(?:_if)?\(/.test(vector.expr);
  if (isAggregate) return canonical(vector.type, defaultValue(vector.type));
  const compiled = compile(vector, "field");
  return evaluate(compiled, vector.type, bind(compiled, vector.vars));
}

function run(vector: Vector): Expectation {
  if (vector.place === "group" && vector.rows?.length === 0) return evaluateUnmatched(vector);
  const compiled = compile(vector, placeOf(vector));
  switch (vector.place) {
    case "load":
    case "loadgroup":
      trialEvaluate(compiled);
      return { loads: true };
    case "group":
      return evaluateGroup(compiled, vector);
    default:
      return evaluate(compiled, vector.type, bind(compiled, vector.vars));
  }
}

function runCell({ place, csv, type, format, vars }: Vector): Expectation {
  if (place === "write") {
    return {
      value: compileCellWriter(type, format ?? "")(valueOf((vars as Fields)["r.v"] as Field)),
    };
  }
  const {
    cell,
    format: cellFormat,
    default: defaultText,
  } = csv as { cell: string; format?: string; default?: string };
  return canonical(type, compileCellReader({ type, format: cellFormat, defaultText })(cell));
}

function check(vector: Vector): void {
  const { place, expect: stated } = vector;
  const isCell = place === "read" || place === "write";
  const result = (): Expectation => (isCell ? runCell(vector) : run(vector));
  if (stated.loads === true) return void result();
  if (stated.error === undefined) {
    const wanted = place === "write" ? { value: stated.value } : expectation(vector);
    expect(result()).toEqual(wanted);
    return;
  }
  const fault = faultThrown(result);
  if (!isCell && stated.error !== "eval") expect(fault.code).not.toBe("EXPRESSION_ROW");
  if (SEVERAL_FAULTS.test(vector.area)) return;
  if (stated.error === "eval" && !isCell) expect(fault.code).toBe("EXPRESSION_ROW");
  // Our tokenizer refuses some texts that Go parses and its evaluator refuses.
  if (fault.code !== "EXPRESSION_SYNTAX") expect(fault.facts["code"]).toBe(stated.code);
}

const isPresent = existsSync(FOLDER);
const isCi = process.env["CI"] === "true";

describe.skipIf(!isPresent && !isCi)("the conformance vectors", () => {
  const files = isPresent ? readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl")) : [];

  test("the vectors are present", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)("%s: every vector has the stated result", (name) => {
    const lines = readFileSync(join(FOLDER, name), "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const failures: string[] = [];
    for (const line of lines) {
      const vector = JSON.parse(line) as Vector;
      if (vector.free !== undefined) continue;
      try {
        check(vector);
      } catch (error) {
        failures.push(
          `${vector.id} ${vector.expr}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    expect(failures).toEqual([]);
  });
});

if (!isPresent && !isCi) {
  process.stderr.write(
    `skipped: the conformance vectors are not in ${FOLDER} (CAPI_VECTORS names another folder)\n`,
  );
}
