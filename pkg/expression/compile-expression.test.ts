import {
  compileExpression,
  fieldReferences,
  isAggregate,
  parseExpression,
  suggestion,
  trialEvaluate,
  type CompileOptions,
} from "#pkg/expression";
import { valueAt, vectorFrom } from "#pkg/rowset";
import type { FieldType } from "#pkg/value";
import { describe, expect, test } from "vitest";
import { faultThrown } from "../../test/support/fault-of.ts";

const FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["r.qty", "int"],
  ["r.price", "decimal2"],
  ["r.rate", "float"],
  ["r.name", "string"],
  ["r.day", "datetime"],
  ["r.ok", "bool"],
]);

const OPTIONS: CompileOptions = {
  place: "field",
  typeOf: (prefix, name) => FIELDS.get(`${prefix}.${name}`),
  known: FIELDS.keys(),
};

const compile = (text: string, options: Partial<CompileOptions> = {}) =>
  compileExpression(text, { ...OPTIONS, known: FIELDS.keys(), ...options });

describe("refusals", () => {
  test.each([
    ["r.qty", "float", "the result is int, the field is declared float", "float(…)"],
    ["r.rate", "int", "the result is float, the field is declared int", "int(…)"],
    [
      "len(r.name)",
      "int",
      "the result is the length of a string, the field is declared int",
      "int(len(…))",
    ],
    [
      "len(r.name)",
      "float",
      "the result is the length of a string, the field is declared float",
      "Declare the field int or convert with float(…)",
    ],
    ["time.March", "int", "the result is month, the field is declared int", "cannot hold"],
    ["r.day", "string", "the result is datetime, the field is declared string", "string(…)"],
  ] as const)("%s for a field declared %s names both types", (text, declared, message, hint) => {
    const fault = faultThrown(() => compile(text, { declared }));
    expect(fault.code).toBe("EXPRESSION_TYPE");
    expect(fault.facts["code"]).toBe("E-result-type");
    expect(fault.message).toBe(message);
    expect(fault.hint).toContain(hint);
  });

  test("a result that nothing converts to the declared type keeps the general hint", () => {
    expect(faultThrown(() => compile("r.day", { declared: "int" })).hint).toContain(
      "conversions are explicit",
    );
    expect(faultThrown(() => compile("r.qty", { declared: "bool" })).hint).toContain(
      "conversions are explicit",
    );
  });

  test.each([
    ["r.qty + r.name", 6, "E-type", "+ is not defined for int and string"],
    ["r.rate % 2", 7, "E-op", "% needs two ints, not float and int"],
    ["1 + (r.name - r.name)", 12, "E-op", "- is not defined for string and string"],
    ["r.name == r.qty", 7, "E-type", "== cannot compare string and int"],
    ["r.ok < r.ok", 5, "E-op", "< cannot compare bool and bool"],
    ["r.ok && r.qty", 5, "E-type", "&& needs bools, not int"],
    ["!r.qty", 0, "E-type", "! needs a bool, not int"],
    ["-r.name", 0, "E-type", "unary - is not defined for string"],
    ["1 | 2", 2, "E-op", "the operator | is not supported"],
    ["len(r.qty)", 4, "E-type", "argument 1 of len is int, it must be string"],
    [
      "math.Round(r.name)",
      11,
      "E-type",
      "argument 1 of math.Round is string, it must be int, float, decimal2",
    ],
    ["len()", 0, "E-args", "len needs 1 argument, not 0"],
    ["fmt.Sprintf(`a`)", 0, "E-args", "fmt.Sprintf needs at least 2 arguments, not 1"],
    ["int.iif(true, 1)", 0, "E-args", "int.iif needs 3 arguments, not 2"],
    ["int.iif(r.ok, 1, 1.5)", 17, "E-type", "argument 3 of int.iif is float, it must be int"],
    ["int.iif(1, 1, 1)", 8, "E-type", "argument 1 of int.iif is int, it must be bool"],
    ["fmt.Sprintf(`%d`, r.price)", 0, "E-type", undefined],
    ["qty + 1", 0, "E-name", "there is no qty; a field needs a prefix"],
    ["0x10", 0, "E-convert", "integers are written with decimal digits only, not as 0x10"],
    ["sum(r.qty)", 0, "E-agg", undefined],
  ])("%s is refused at offset %i as %s", (text, offset, code, message) => {
    const fault = faultThrown(() => compile(text));
    expect(fault.code).toBe("EXPRESSION_TYPE");
    expect(fault.facts).toEqual({ code, offset });
    if (message !== undefined) expect(fault.message).toBe(message);
  });

  test.each([
    ["", 0, "E-parse"],
    ["1 +", 3, "E-parse"],
    ["(1", 2, "E-parse"],
    ["1)", 1, "E-parse"],
    ["1 2", 2, "E-parse"],
    ["1, 2", 1, "E-parse"],
    ["len(,)", 4, "E-parse"],
    ["()", 1, "E-parse"],
    ["1 = 2", 2, "E-parse"],
    ["~1", 0, "E-op"],
    ["*r.qty", 0, "E-node"],
    [")", 0, "E-parse"],
    ["/ 2", 0, "E-parse"],
    ["r.a.b", 3, "E-node"],
    ["r.(int)", 1, "E-node"],
    ["r.", 1, "E-parse"],
    ["(int)(1)", 5, "E-node"],
    ["r.qty[0]", 5, "E-node"],
    ["1i", 0, "E-node"],
    ["08", 0, "E-parse"],
    ["'a'", 0, "E-node"],
    ["r.type", 2, "E-parse"],
    ["a\u00a0+ 1", 1, "E-parse"],
    ["1 /* open", 2, "E-parse"],
    ["1\n+ 2", 2, "E-parse"],
    ['"\\ud800"', 0, "E-parse"],
    ['"\\U00110000"', 0, "E-parse"],
    ['"open', 0, "E-parse"],
    ["1 + \0", 4, "E-parse"],
  ])("%j does not parse, from offset %i, as %s", (text, offset, code) => {
    const fault = faultThrown(() => compile(text));
    expect(fault.code).toBe("EXPRESSION_SYNTAX");
    expect(fault.facts).toEqual({ code, offset });
  });

  test.each([
    ["nested parentheses", "(".repeat(400) + "1" + ")".repeat(400)],
    ["unary operators", "- ".repeat(400) + "1"],
    ["operators in a row", "1" + "+1".repeat(3000)],
  ])("too many %s are a syntax error, not a stack overflow", (_, text) => {
    expect(faultThrown(() => compile(text)).facts["code"]).toBe("E-parse");
  });

  test("deep but reasonable expressions compile and evaluate", () => {
    expect(compile("(".repeat(290) + "r.qty" + ")".repeat(290)).evaluate([7n])).toBe(7n);
    const long = compile("r.qty" + " + r.qty".repeat(1900));
    expect(long.evaluate([1n])).toBe(1901n);
    expect(valueAt(long.evaluateColumns([vectorFrom("int", [1n, 2n])], 2), 1)).toBe(3802n);
  });
});

describe("hints", () => {
  test.each([
    ["r.qyt + 1", "r.qty"],
    ["r.Name", "r.name"],
    ["strings.Replaceall(r.name, `a`, `b`)", "strings.ReplaceAll"],
    ["time.Marhc", "time.March"],
    ["cuont()", "count"],
  ])("%s: did you mean %s?", (text, near) => {
    expect(faultThrown(() => compile(text)).hint).toBe(`Did you mean ${near}?`);
  });

  test("a function that resembles none gets the list of all", () => {
    expect(faultThrown(() => compile("frobnicate(1)")).hint).toMatch(
      /^Functions are: int, .*len, /,
    );
  });

  test("a word that resembles nothing gets the general hint", () => {
    expect(faultThrown(() => compile("r.something_else")).hint).toContain("explicit");
    expect(faultThrown(() => compile("r.qyt", { known: [] })).hint).toContain("explicit");
  });

  test("the nearest candidate wins, and distance is limited by the length of the word", () => {
    expect(suggestion("reveiw", ["revise", "review"])).toBe("review");
    expect(suggestion("ab", ["cd", "xyz"])).toBeUndefined();
    expect(suggestion("mask", ["mask"])).toBeUndefined();
    expect(suggestion("l", ["r", ""])).toBeUndefined();
    expect(suggestion("filed", ["field"])).toBe("field");
  });
});

describe("references", () => {
  test("distinct fields come in order of first use, constants excluded", () => {
    const text = "int.iif(!(l.a > r.b) || time.March == x, -l.a, len(r.c))";
    expect(fieldReferences(text)).toEqual([
      { prefix: "l", name: "a", offset: 10 },
      { prefix: "r", name: "b", offset: 16 },
      { prefix: "r", name: "c", offset: 51 },
    ]);
  });

  test("an expression is an aggregate when its root is, without parentheses around it", () => {
    expect(isAggregate("sum(l.v)")).toBe(true);
    expect(isAggregate("count ( )")).toBe(true);
    expect(isAggregate("(sum(l.v))")).toBe(false);
    expect(isAggregate("sum(l.v) + 1")).toBe(false);
    expect(isAggregate("len(l.v)")).toBe(false);
    expect(isAggregate("sum.iif(l.v)")).toBe(false);
  });

  test("inputs are listed once, with their types", () => {
    const compiled = compile("r.qty + r.qty * int(r.rate)");
    expect(compiled.inputs.map(({ name }) => name)).toEqual(["qty", "rate"]);
    expect(compiled.inputTypes).toEqual(["int", "float"]);
  });
});

test("the tree of a text is there for readers of other languages too", () => {
  expect(parseExpression("a + b * 2")).toMatchObject({
    operator: "+",
    left: { name: "a" },
    right: { operator: "*", left: { name: "b" }, right: { value: 2n } },
  });
});

describe("the trial of the loader", () => {
  const trial = (text: string, place: CompileOptions["place"] = "field") => {
    trialEvaluate(compile(text, { place }));
  };

  test.each([
    ["1 / 0", "E-div0"],
    ["1 / (r.qty - r.qty)", "E-div0"],
    ["re.MatchString(`(`, r.name)", "E-regex"],
    ["r.ok && re.MatchString(`(`, r.name)", undefined],
    ["time.Parse(`2006`, `x`)", "E-time"],
    ["int(`x`)", "E-convert"],
    ["decimal2(1 / r.rate)", "E-nan"],
  ])("%s: %s", (text, code) => {
    if (code === undefined) expect(() => trial(text)).not.toThrow();
    else expect(faultThrown(() => trial(text)).facts["code"]).toBe(code);
  });

  test("text of a field that does not fit a layout is no reason to refuse", () => {
    expect(() => trial("time.Parse(`2006-01-02`, r.name)")).not.toThrow();
  });

  test("datetimes of the trial are of our days", () => {
    const isRecent = "time.After(r.day, time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC))";
    expect(() => trial(`int(string.iif(${isRecent}, "1", "x"))`)).not.toThrow();
  });

  test("a long text is cut in the message", () => {
    const text = "x".repeat(61);
    expect(faultThrown(() => trial(`int("${text}")`)).message).toContain(`"${"x".repeat(57)}…"`);
    expect(faultThrown(() => trial(`int("${text.slice(1)}")`)).message).toContain(text.slice(1));
  });

  test("fields of all types have trial values, in aggregates too", () => {
    expect(() => trial("string(r.day) + string(r.price) + string(r.ok)")).not.toThrow();
    expect(() => trial("sum_if(1 / r.qty, r.ok)", "group")).not.toThrow();
    expect(faultThrown(() => trial("sum(1 / (r.qty - r.qty))", "group")).facts["code"]).toBe(
      "E-div0",
    );
  });
});

describe("evaluation", () => {
  test("a byte order mark before the expression is no part of it", () => {
    expect(compile("\uFEFFr.qty + 1").evaluate([1n])).toBe(2n);
    expect(faultThrown(() => compile("r.qty\uFEFF + 1")).facts).toEqual({
      code: "E-parse",
      offset: 5,
    });
  });

  test("the right side is evaluated only where the left side does not decide", () => {
    const compiled = compile("r.qty != 0 && 10 / r.qty > 2 || r.qty == 0");
    const quantities = [0n, 1n, 0n, 3n, 5n];
    expect(quantities.map((one) => compiled.evaluate([one]))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    const vector = compiled.evaluateColumns([vectorFrom("int", quantities)], 5);
    expect(vector).toMatchObject({ values: Uint8Array.of(1, 1, 1, 1, 0) });
  });

  test("only the chosen branch is evaluated", () => {
    const compiled = compile("int.iif(r.qty == 0, 0, 100 / r.qty)");
    const column = compiled.evaluateColumns([vectorFrom("int", [0n, 3n, -7n])], 3);
    expect(column).toEqual({ type: "int", values: Float64Array.of(0, 33, -14) });
    const none = compiled.evaluateColumns([vectorFrom("int", [0n, 0n])], 2);
    expect(none).toMatchObject({ values: Float64Array.of(0, 0) });
  });

  test("the lowest failing row is reported, with its offset", () => {
    const compiled = compile("100 / r.qty + int(r.name)");
    const inputs = [vectorFrom("int", [1n, 2n, 0n]), vectorFrom("string", ["1", "x", "1"])];
    const fault = faultThrown(() => compiled.evaluateColumns(inputs, 3));
    expect(fault.code).toBe("EXPRESSION_ROW");
    expect(fault.facts).toEqual({ code: "E-convert", offset: 14, row: 1 });
  });

  test("a plain field is the same vector, not a copy", () => {
    const vector = vectorFrom("int", [1n, 2n]);
    expect(compile("r.qty").evaluateColumns([vector], 2)).toBe(vector);
  });

  test("no rows give an empty column", () => {
    expect(compile("1 / r.qty").evaluateColumns([vectorFrom("int", [])], 0)).toMatchObject({
      type: "int",
    });
  });

  test("time.Now asks the clock for every row", () => {
    let clock = 1000;
    const compiled = compile("time.UnixMilli(time.Now())", { now: () => (clock += 1) });
    expect(compiled.evaluate([])).toBe(1001n);
    expect(compiled.evaluateColumns([], 3)).toMatchObject({
      values: Float64Array.of(1002, 1003, 1004),
    });
    expect(Number(compile("time.UnixMilli(time.Now())").evaluate([]))).toBeGreaterThan(1.7e12);
  });

  test("an aggregate has no value on a single row", () => {
    const compiled = compile("sum(r.qty)", { place: "group" });
    expect(faultThrown(() => compiled.evaluate([1n])).facts["code"]).toBe("E-agg");
    expect(faultThrown(() => compiled.evaluateColumns([], 1)).facts["code"]).toBe("E-agg");
  });

  test("decimals are rounded after each step in fields but not in conditions", () => {
    const price = { digits: 1005n, scale: 3 };
    expect(compile("r.price * 1").evaluate([price])).toEqual({ digits: 101n, scale: 2 });
    expect(compile("r.price * 1 == r.price", { place: "condition" }).evaluate([price])).toBe(true);
    expect(compile("r.price * 1 == r.price").evaluate([price])).toBe(false);
  });

  test("many patterns from data are compiled without keeping them all", () => {
    const compiled = compile("re.MatchString(r.name, `x17y`)");
    const patterns = Array.from({ length: 1500 }, (_, at) => `^x${at}y$`);
    const column = compiled.evaluateColumns([vectorFrom("string", patterns)], patterns.length);
    expect(patterns.filter((_, row) => valueAt(column, row) === true)).toEqual(["^x17y$"]);
  });
});
