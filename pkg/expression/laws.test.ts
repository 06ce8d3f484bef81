import { compileExpression, trialEvaluate, type CompiledExpression } from "#pkg/expression";
import { isFault } from "#pkg/fault";
import { columnFrom, valueAt, vectorFrom, type StringColumn, type Vector } from "#pkg/rowset";
import { decimalToText, type DateTime, type Decimal, type FieldType, type Value } from "#pkg/value";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "./parse.ts";
import { printTree, type Tree } from "./tree.ts";
import type { Kind } from "./types.ts";

const RUNS = Number(process.env["CAPI_RUNS"] ?? 200);

const FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["r.i", "int"],
  ["r.j", "int"],
  ["r.f", "float"],
  ["r.g", "float"],
  ["r.d", "decimal2"],
  ["r.e", "decimal2"],
  ["r.s", "string"],
  ["r.u", "string"],
  ["r.b", "bool"],
  ["r.c", "bool"],
  ["r.t", "datetime"],
  ["r.v", "datetime"],
]);

const compile = (text: string, place: "field" | "condition" | "group"): CompiledExpression =>
  compileExpression(text, { place, typeOf: (prefix, name) => FIELDS.get(`${prefix}.${name}`) });

type Texts = fc.Arbitrary<string>;

/** Well-typed expressions of each kind, as texts. */
const { int, float, decimal2, string, bool, datetime, length } = fc.letrec<Record<Kind, string>>(
  (tie) => {
    const of = (kind: Kind): Texts => tie(kind);
    const call = (name: string, ...args: readonly Texts[]): Texts =>
      fc.tuple(...args).map((texts) => `${name}(${texts.join(", ")})`);
    const infix = (left: Texts, operators: readonly string[], right: Texts): Texts =>
      fc
        .tuple(left, fc.constantFrom(...operators), right)
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`);
    const COMPARE = ["==", "!=", "<", "<=", ">", ">="];
    const BASIC = ["+", "-", "*", "/"];
    const anyNumber = fc.oneof(of("int"), of("float"), of("decimal2"));
    const pick = (leaves: readonly string[], ...others: readonly Texts[]): Texts =>
      fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(...leaves),
        ...others,
      );
    const iif = (prefix: string, kind: Kind): Texts =>
      call(`${prefix}.iif`, of("bool"), of(kind), of(kind));
    return {
      int: pick(
        ["r.i", "r.j", "0", "1", "7", "9007199254740993", "9223372036854775807"],
        infix(of("int"), [...BASIC, "%"], of("int")),
        of("int").map((text) => `-(${text})`),
        call("int", fc.oneof(anyNumber, of("bool"), of("string"), of("length"))),
        iif("int", "int"),
        fc.oneof(call("time.Unix", of("datetime")), call("time.UnixMilli", of("datetime"))),
        call("time.DiffMilli", of("datetime"), of("datetime")),
        infix(of("length"), BASIC, of("int")),
      ),
      length: call("len", of("string")),
      float: pick(
        ["r.f", "r.g", "0.5", "1e300", "-1.5"],
        infix(of("float"), BASIC, fc.oneof(anyNumber)),
        infix(anyNumber, BASIC, of("float")),
        call("float", fc.oneof(anyNumber, of("bool"), of("string"))),
        call("math.Round", anyNumber),
        call("math.Sqrt", anyNumber),
        of("float").map((text) => `-(${text})`),
        iif("float", "float"),
      ),
      decimal2: pick(
        ["r.d", "r.e", 'decimal2("1.005")', "100000000000000000000", "decimal2(0)"],
        infix(of("decimal2"), BASIC, fc.oneof(of("int"), of("decimal2"))),
        infix(of("int"), BASIC, of("decimal2")),
        call("decimal2", fc.oneof(anyNumber, of("bool"), of("string"), of("length"))),
        fc.constantFrom("decimal2(1 - r.f)", "decimal2(r.f)", "decimal2(r.g / 3)"),
        of("decimal2").map((text) => `-(${text})`),
        iif("decimal2", "decimal2"),
      ),
      string: pick(
        ["r.s", "r.u", '"a"', '""', "`12`"],
        infix(of("string"), ["+"], of("string")),
        call("string", fc.oneof(anyNumber, of("bool"), of("datetime"), of("length"))),
        call("strings.ReplaceAll", of("string"), fc.constantFrom('"a"', '""', "r.u"), of("string")),
        call(
          "time.Format",
          of("datetime"),
          fc.constantFrom('"2006-01-02"', "`15:04 pm`", "`.000`", "r.s"),
        ),
        call(
          "fmt.Sprintf",
          fc.constantFrom("`%v|`", "`%5s`"),
          fc.oneof(of("string"), of("decimal2")),
        ),
        iif("string", "string"),
      ),
      bool: pick(
        ["r.b", "r.c", "true", "false"],
        infix(anyNumber, COMPARE, anyNumber),
        infix(of("string"), COMPARE, of("string")),
        infix(of("datetime"), COMPARE, of("datetime")),
        infix(of("bool"), ["==", "!=", "&&", "||"], of("bool")),
        infix(of("bool"), ["&&", "||"], of("bool")),
        of("bool").map((text) => `!${text}`),
        call("re.MatchString", fc.constantFrom("`a`", "`^[a-c]+$`", "`(`", "r.s"), of("string")),
        call("time.Before", of("datetime"), of("datetime")),
        call("time.After", of("datetime"), of("datetime")),
      ),
      datetime: pick(
        ["r.t", "r.v"],
        call("time.Parse", fc.constant('"2006-01-02"'), fc.constantFrom('"2001-02-03"', "r.s")),
        fc.constant('time.Date(2001, time.March, r.i, 1, 2, 3, 4, time.FixedZone("X", 3600))'),
        iif("time", "datetime"),
      ),
      month: fc.constant("time.March"),
      zone: fc.constant("time.UTC"),
    };
  },
);

const expressions: Texts = fc.oneof(int, float, decimal2, string, bool, datetime, length);

const SAMPLES: { readonly [Type in FieldType]: readonly fc.Arbitrary<Value>[] } = {
  int: [
    fc.bigInt(-4n, 4n),
    fc.bigInt(-1_000_000_000_000n, 1_000_000_000_000n),
    fc.constantFrom(0n, -1n, 2n ** 53n, -(2n ** 53n) + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  ],
  float: [
    fc.integer({ min: -200, max: 200 }).map((value) => value / 100),
    fc.integer({ min: -50, max: 50 }),
    fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 0.1 + 0.2, 1e21, 5e-324, 2 ** 63, 0.285),
    fc.double(),
  ],
  decimal2: [
    fc.bigInt(-500n, 500n).map((digits) => ({ digits, scale: 2 })),
    fc.bigInt(-(10n ** 14n), 10n ** 14n).map((digits) => ({ digits, scale: 2 })),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((digits) => ({ digits, scale: 2 })),
    fc.record({ digits: fc.bigInt(-(10n ** 25n), 10n ** 25n), scale: fc.nat({ max: 20 }) }),
  ],
  string: [
    fc.constantFrom("a", "b", "12", ""),
    fc.constantFrom(
      "12.5",
      '"a"',
      'a\\"b',
      "2001-02-03",
      "héllo",
      "😀",
      "\ufb01",
      "-7",
      "aXa",
      "(",
    ),
    fc.string(),
  ],
  bool: [fc.boolean()],
  datetime: [
    fc
      .integer({ min: -1_000_000, max: 4_000_000_000 })
      .map((seconds) => instant(BigInt(seconds) * 1000n)),
    fc.bigInt(-62_135_596_800_000n, 253_402_300_799_999n).map(instant),
    fc.record({
      ns: fc.bigInt(-(10n ** 20n), 10n ** 20n),
      offset: fc.constantFrom(0, -7200, 19_800),
      zone: fc.constantFrom("", "UTC", "EST"),
    }),
  ],
};

function instant(ms: bigint): DateTime {
  return { ns: ms * 1_000_000n, offset: 0, zone: "UTC" };
}

interface Table {
  readonly rows: number;
  readonly values: ReadonlyMap<string, readonly Value[]>;
  readonly vectors: ReadonlyMap<string, Vector>;
}

function column(type: FieldType, rows: number): fc.Arbitrary<readonly [readonly Value[], Vector]> {
  const values = fc.oneof(
    ...SAMPLES[type].map((sample) => fc.array(sample, { minLength: rows, maxLength: rows })),
  );
  if (type !== "string") return values.map((one) => [one, vectorFrom(type, one)] as const);
  return fc
    .tuple(values, fc.boolean())
    .map(([one, isCoded]) => [one, isCoded ? coded(one) : vectorFrom(type, one)]);
}

/** A dictionary in reverse order with an entry that no row uses. */
function coded(values: readonly Value[]): StringColumn {
  const entries = ["unused (", ...new Set(values as readonly string[])].toReversed();
  const plain = columnFrom("string", entries) as StringColumn;
  const codes = Int32Array.from(values, (value) => entries.indexOf(value as string));
  const { codes: inner } = plain;
  return {
    ...plain,
    codes: inner === undefined ? codes : codes.map((code) => inner[code] as number),
  };
}

const tables: fc.Arbitrary<Table> = fc.nat({ max: 8 }).chain((rows) =>
  fc.tuple(...[...FIELDS.values()].map((type) => column(type, rows))).map((columns) => {
    const names = [...FIELDS.keys()];
    return {
      rows,
      values: new Map(columns.map(([values], at) => [names[at] as string, values])),
      vectors: new Map(columns.map(([, vector], at) => [names[at] as string, vector])),
    };
  }),
);

/** One text for each different value. */
function canonical(kind: Kind, value: Value): string {
  switch (kind) {
    case "float":
      return Object.is(value, -0) ? "-0" : `${value as number}`;
    case "decimal2":
      return decimalToText(value as Decimal);
    case "datetime": {
      const { ns, offset, zone } = value as DateTime;
      return `${ns} ${offset} ${zone}`;
    }
    default:
      return `${value as bigint | string | boolean}`;
  }
}

type Outcome =
  { readonly values: readonly string[] } | { readonly row: unknown; readonly code: unknown };

function outcome(run: () => readonly string[]): Outcome {
  try {
    return { values: run() };
  } catch (error) {
    if (!isFault(error)) throw error;
    expect(error.code).toBe("EXPRESSION_ROW");
    expect(error.facts["offset"]).toBeTypeOf("number");
    return { row: error.facts["row"], code: error.facts["code"] };
  }
}

function byRows(compiled: CompiledExpression, table: Table): Outcome {
  const results: string[] = [];
  for (let row = 0; row < table.rows; row += 1) {
    const inputs = compiled.inputs.map(
      ({ prefix, name }) => table.values.get(`${prefix}.${name}`)?.[row] as Value,
    );
    const single = outcome(() => [canonical(compiled.kind, compiled.evaluate(inputs))]);
    if (!("values" in single)) return { row, code: single.code };
    results.push(...single.values);
  }
  return { values: results };
}

function vectorsFor(compiled: CompiledExpression, table: Table): readonly Vector[] {
  return compiled.inputs.map(
    ({ prefix, name }) => table.vectors.get(`${prefix}.${name}`) as Vector,
  );
}

function byColumns(compiled: CompiledExpression, table: Table): Outcome {
  return outcome(() => {
    const vector = compiled.evaluateColumns(vectorsFor(compiled, table), table.rows);
    return Array.from({ length: table.rows }, (_, row) =>
      canonical(compiled.kind, valueAt(vector, row)),
    );
  });
}

const places = fc.constantFrom("field" as const, "condition" as const);

describe("laws of expressions", () => {
  test("columns give what single rows give, the first failing row included", () => {
    fc.assert(
      fc.property(expressions, places, tables, (text, place, table) => {
        const compiled = compile(text, place);
        fc.pre(compiled.kind !== "length");
        expect(byColumns(compiled, table)).toEqual(byRows(compiled, table));
      }),
      { numRuns: RUNS },
    );
  });

  test("the kind found by the checker is the kind of every result", () => {
    const JAVASCRIPT_TYPES: Readonly<Record<Kind, string>> = {
      int: "bigint",
      length: "bigint",
      float: "number",
      decimal2: "object",
      string: "string",
      bool: "boolean",
      datetime: "object",
      month: "number",
      zone: "object",
    };
    fc.assert(
      fc.property(expressions, tables, (text, table) => {
        const compiled = compile(text, "field");
        const inputs = compiled.inputs.map(
          ({ prefix, name }) => table.values.get(`${prefix}.${name}`)?.[0] as Value,
        );
        fc.pre(table.rows > 0);
        try {
          const result = compiled.evaluate(inputs);
          expect(typeof result).toBe(JAVASCRIPT_TYPES[compiled.kind]);
          if (compiled.kind === "int") expect(BigInt.asIntN(64, result as bigint)).toBe(result);
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("printing a tree and parsing the text gives the same tree", () => {
    fc.assert(
      fc.property(expressions, (text) => {
        const { tree } = parse(text);
        expect(withoutOffsets(parse(printTree(tree)).tree)).toEqual(withoutOffsets(tree));
      }),
      { numRuns: RUNS },
    );
  });

  test("no text makes the compiler or the trial throw anything but a Fault", () => {
    const pieces = fc.constantFrom(
      ...'r.i|r.s|(|)|,|.|+|-|!|--|&&|||<|<-|1|08|0x1p-2|"a"|`b`|len|sum|count|string_agg|x|time.UTC| |\n|// c|/* d */|\'a\'|1i|func|[|]|%|==|🙂|\\|"'.split(
        "|",
      ),
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
      expressions,
      fc.string(),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom("field" as const, "group" as const), (text, place) => {
        try {
          trialEvaluate(compile(text, place));
        } catch (error) {
          if (!isFault(error)) throw error;
          expect(error.facts).toMatchObject({ code: expect.stringMatching(/^E-/) as string });
        }
      }),
      { numRuns: RUNS * 5 },
    );
  });
});

function withoutOffsets(tree: Tree): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) => {
      if (key === "offset") return undefined;
      return typeof value === "bigint" ? `${value}n` : value;
    }),
  );
}

describe("laws of aggregates", () => {
  const aggregates = fc.oneof(
    fc.constant("count()"),
    bool.map((condition) => `count_if(${condition})`),
    fc
      .tuple(fc.constantFrom("sum", "avg", "min", "max"), fc.oneof(int, float, decimal2))
      .map(([name, value]) => `${name}(${value})`),
    fc
      .tuple(fc.constantFrom("sum", "avg", "min", "max"), fc.oneof(int, float, decimal2), bool)
      .map(([name, value, condition]) => `${name}_if(${value}, ${condition})`),
    fc.tuple(fc.constantFrom("min", "max"), string).map(([name, value]) => `${name}(${value})`),
    string.map((value) => `string_agg(${value}, ";")`),
    fc
      .tuple(string, bool)
      .map(([value, condition]) => `string_agg_if(${value}, ";", ${condition})`),
  );

  test("feeding rows one by one, all at once or in two parts gives the same results", () => {
    fc.assert(
      fc.property(
        aggregates,
        tables,
        fc.infiniteStream(fc.nat({ max: 2 })),
        (text, table, stream) => {
          const compiled = compile(text, "group");
          const groups = Int32Array.from(
            { length: table.rows },
            () => stream.next().value as number,
          );
          const absent = ABSENT[compiled.kind as FieldType];
          const whole = outcome(() => {
            const accumulators = (
              compiled.aggregate as NonNullable<typeof compiled.aggregate>
            ).accumulators(3);
            accumulators.add(groups, vectorsFor(compiled, table), table.rows);
            return resultsOf(compiled, accumulators.results(absent));
          });
          const single = outcome(() => {
            const accumulators = (
              compiled.aggregate as NonNullable<typeof compiled.aggregate>
            ).accumulators(1);
            accumulators.grow(3);
            for (let row = 0; row < table.rows; row += 1) {
              const inputs = compiled.inputs.map(({ prefix, name }, at) =>
                vectorFrom(compiled.inputTypes[at] as FieldType, [
                  table.values.get(`${prefix}.${name}`)?.[row] as Value,
                ]),
              );
              accumulators.add(groups.subarray(row, row + 1), inputs, 1);
            }
            return resultsOf(compiled, accumulators.results(absent));
          });
          if ("values" in whole) expect(single).toEqual(whole);
          else expect(single).toMatchObject({ code: whole.code });
        },
      ),
      { numRuns: RUNS },
    );
  });

  const ABSENT: Readonly<Record<FieldType, Value>> = {
    int: -77n,
    float: -7.7,
    decimal2: { digits: -777n, scale: 2 },
    string: "absent",
    bool: false,
    datetime: instant(0n),
  };

  function resultsOf(compiled: CompiledExpression, vector: Vector): readonly string[] {
    return [0, 1, 2].map((group) => canonical(compiled.kind, valueAt(vector, group)));
  }
});
