import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { outputTypes, type CustomNode, type Problem, type PythonProcessor } from "./index.ts";
import { pythonFormula } from "./python-formula.ts";
import { pythonNames } from "./python-functions.ts";
import { completeScript, processorFiles, readScript } from "./reading/index.ts";

const field = (expression: string, type = "int") => ({ expression, type });
const POLICY = { p: { is_default: true, event_priority_order: "run_id", rules: [] } };
const READ = {
  type: "file_table",
  r: { urls: ["a.csv"], csv: {}, columns: { c: { csv: { col_hdr: "id" }, col_type: "int" } } },
  w: { name: "t", fields: { id: field("r.c"), a: field("r.c"), b: field("r.c") } },
};

function read(formulas: object, code = "def f(x):\n    return x\n") {
  const calc = {
    type: "table_custom_tfm_table",
    custom_proc_type: "py_calc",
    r: { table: "t" },
    p: { python_code_urls: ["a.py", "b.py"], calculated_fields: formulas },
    w: { name: "u", fields: {} },
  };
  const text = JSON.stringify({ nodes: { read: READ, calc }, dependency_policies: POLICY });
  const { script } = readScript({ file: "s.json", text });
  expect(processorFiles(script)).toEqual(["a.py", "b.py"]);
  const complete = completeScript(
    script,
    new Map([
      ["a.py", code],
      ["b.py", "import os\n"],
    ]),
  );
  const node = complete.script.nodes.find(({ name }) => name === "calc") as CustomNode;
  return node.processor as PythonProcessor;
}

function problemsOf(formulas: object, code?: string): readonly Problem[] {
  try {
    read(formulas, code);
  } catch (error) {
    if (isFault(error)) return error.facts["problems"] as readonly Problem[];
    throw error;
  }
  return [];
}

const messages = (formula: string, code?: string): readonly string[] =>
  problemsOf({ x: field(formula) }, code).map(({ message }) => message);

describe("py_calc", () => {
  test("needs no files for formulas of fields and built-in functions", () => {
    const p = { calculated_fields: { x: field("str(r.id)", "string"), y: field("r.a") } };
    for (const settings of [p, { ...p, python_code_urls: [] }]) {
      const calc = {
        type: "table_custom_tfm_table",
        custom_proc_type: "py_calc",
        r: { table: "t" },
        p: settings,
        w: { name: "u", fields: { x: field("p.x", "string") } },
      };
      const text = JSON.stringify({ nodes: { read: READ, calc }, dependency_policies: POLICY });
      const { script } = completeScript(readScript({ file: "s.json", text }).script, new Map());
      const node = script.nodes.find(({ name }) => name === "calc") as CustomNode;
      expect(node.processor).toMatchObject({ code: [], fields: [{ name: "x" }, { name: "y" }] });
    }
  });

  test("keeps its code with the script and its formulas in the order they need", () => {
    const processor = read({
      z: field("f(p.y)"),
      y: field("f(r.id)", "decimal2"),
      a: field("r.a"),
    });
    expect(processor.code).toEqual([
      { url: "a.py", text: "def f(x):\n    return x\n" },
      { url: "b.py", text: "import os\n" },
    ]);
    expect(processor.fields.map(({ name, python }) => [name, python])).toEqual([
      ["y", "f ( r_id )"],
      ["a", "r_a"],
      ["z", "f ( p_y )"],
    ]);
    expect([...outputTypes(processor)]).toEqual([
      ["y", "decimal2"],
      ["a", "int"],
      ["z", "int"],
    ]);
  });

  test.each([
    ["r.id + 1", "the formula must be one function call or one field"],
    ["5", "the formula must be one function call or one field"],
    ["r.id.upper()", "only prefix.name is supported"],
    ["math.sqrt(r.id)", "math.sqrt(…) is a method or belongs to a module"],
    ["f(math.sqrt(r.id))", "math.sqrt(…) is a method or belongs to a module"],
    ["f(r.id && r.a)", "Python has no operator &&"],
    ["f(!r.id)", "Python has no operator !"],
    ["f(r.id &^ 1)", "Python has no operator &^"],
    ["f(lambda)", "lambda is a keyword of Python"],
    ["f(0x1p-2)", "Python has no hexadecimal fractions"],
    ["f(*r.id)", "there is no unary operator *"],
    ["f(** r.id)", "there is no unary operator *"],
    ["f(r.id * *2)", "there is no unary operator *"],
    ["r.id[0]", "the formula must be one function call or one field"],
    ["f([r.id])", "[ is not supported"],
    ["f(r.id[])", "is not expected here"],
    ["f(r.id: 1)", ": is not expected here"],
    ["f(r.id[f(1:2)])", ": is not expected here"],
    ["f(r.id[1)", "[ is not supported"],
    ["f(r.id[1)]", "[ is not supported"],
    ["f(r.id])", "] is not supported"],
    ["f('no')", "character literals are not supported"],
    ["f(r.nope ** 2)", "there is no field r.nope"],
    ["f(r.nope)", "there is no field r.nope"],
    ["g(r.id)", "there is no function g in a.py, b.py"],
    ["f(g(r.id))", "there is no function g in a.py, b.py"],
    ["max(r.id)", "there is no function max in a.py, b.py"],
    ["f(r.id, 2)", "the function f takes 1 argument, not 2"],
    ["f()", "the function f takes 1 argument, not 0"],
    ["round(r.id, 2)", "the function round takes 1 argument, not 2"],
  ])("refuses %s", (formula, message) => {
    expect(messages(formula)).toEqual([expect.stringContaining(message) as string]);
  });

  test("names the place of the formula and a function that may be meant", () => {
    const [problem] = problemsOf({ x: field("ff(r.id)") });
    expect(problem).toMatchObject({
      file: "s.json",
      line: 1,
      path: "nodes.calc.p.calculated_fields.x.expression",
      hint: "Did you mean f?",
    });
  });

  test("says how many arguments a function may have", () => {
    expect(messages("f(r.id)", "def f(a, b, c=1):\n    pass\n")).toEqual([
      expect.stringContaining("f takes 2 to 3 arguments, not 1") as string,
    ]);
    expect(messages("f(r.id)", "def f(a, b, *more):\n    pass\n")).toEqual([
      expect.stringContaining("f takes at least 2 arguments, not 1") as string,
    ]);
  });

  test("leaves to Python what only its code knows", () => {
    const formulas = ["f(1 + sqrt(r.id))", "f(RATE)", "sqrt(r.id)", "Money(r.id)", "alias(r.id)"];
    for (const formula of formulas)
      expect(
        messages(
          formula,
          "from math import sqrt\nalias = sqrt\nclass Money:\n    pass\ndef f(x):\n    pass\n",
        ),
      ).toEqual([]);
    expect(messages("anything(r.id, 1)", "from math import *\n")).toEqual([]);
    expect(messages("f(r.id)", "def f(x:\n    return x.real()\n")).toEqual([]);
  });

  test("needs a type for every formula", () => {
    expect(problemsOf({ x: { expression: "f(r.id)" } }).map(({ code }) => code)).toEqual(["SHAPE"]);
  });

  test("refuses names that no formula could use", () => {
    expect(problemsOf({ "a-b": field("f(r.id)") }).map(({ code }) => code)).toEqual(["NAME"]);
  });
});

describe("Python source of a formula", () => {
  test.each([
    ["f(r.a+p.b_c, -1)", "f ( r_a + p_b_c , - 1 )"],
    ["f(true, false, None)", "f ( True , False , None )"],
    ["f(007, 1.5e3, .5)", "f ( 7 , 1.5e3 , .5 )"],
    ['f("r.a\\t\\"", `\\d"\n{x}`)', 'f ( "r.a\\t\\"" , "\\\\d\\"\\n{x}" )'],
    ["f(r.a < r.b == p.c, // note\n (r.a))", "f ( r_a < r_b == p_c , ( r_a ) )"],
    ["f(r.a % 2, r.b << 1 | 3 ^ 1 & 7)", "f ( r_a % 2 , r_b << 1 | 3 ^ 1 & 7 )"],
    ["f(r.a ** 2, 3 *2, r.a**-r.b ** +2)", "f ( r_a ** 2 , 3 * 2 , r_a ** - r_b ** + 2 )"],
    [
      "f(+r.a, -+1, r.a + +1, ~ r.a, 1 - ~p.b)",
      "f ( + r_a , - + 1 , r_a + + 1 , ~ r_a , 1 - ~ p_b )",
    ],
    ["f('q', '\\n', \"'\", 'é', '\"')", "f ( 'q' , '\\n' , \"'\" , 'é' , '\"' )"],
    [
      "f(r.a[0], r.b[1:], r.b[:r.c], p.d[1:-1])",
      "f ( r_a [ 0 ] , r_b [ 1 : ] , r_b [ : r_c ] , p_d [ 1 : - 1 ] )",
    ],
    ["f(g(r.a)[0][r.b + 1], r.a[:])", "f ( g ( r_a ) [ 0 ] [ r_b + 1 ] , r_a [ : ] )"],
    ["f(0x1F, 0b11, 0o17, 1_000)", "f ( 0x1F , 0b11 , 0o17 , 1_000 )"],
  ])("%s", (formula, python) => {
    expect(pythonFormula(formula).python).toBe(python);
  });
});

describe("functions of Python code", () => {
  const arities = (code: string) =>
    Object.fromEntries(
      [...pythonNames([code]).functions].map(([name, { least, most }]) => [name, [least, most]]),
    );

  test("are found whatever their parameters look like", () => {
    expect(
      arities(`
import re  # def not_me(a):
"""
def nor_me(a):
"""
def none(): return 1
def one(a: "int, really" = 5) -> str:
    def inner(x): pass
def many(
    a,  # first, of three
    b: Dict[str, Tuple[int, int]] = {"x": (1, 2)},
    c=f"{1},",
):
    pass
async def stars(a, /, b, *, key, other=1): pass
def more(a, *args, **kw): pass
def kw(**kw): pass
	def indented(a): pass
def unfinished(a, b`),
    ).toEqual({
      none: [0, 0],
      one: [0, 1],
      many: [1, 3],
      stars: [2, 2],
      more: [1, Number.POSITIVE_INFINITY],
      kw: [0, 0],
    });
  });

  test("and names that come in other ways", () => {
    const { others, isOpen } = pythonNames([
      "from a.b import (c as d,\n  e)\nimport x.y as z, w\nA, B = 1, 2\nN: int = 3\nif a == b: pass\nclass K(Q):\n  def m(self): pass\n",
    ]);
    expect(
      ["c", "d", "e", "z", "w", "A", "B", "N", "K", "m"].every((name) => others.has(name)),
    ).toBe(true);
    expect(others.has("Q")).toBe(false);
    expect(isOpen).toBe(false);
  });
});
