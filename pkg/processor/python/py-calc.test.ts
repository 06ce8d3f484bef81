import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { dateTimeFromMs, decimalToCents, type Decimal, type Value } from "#pkg/value";
import { openProcessors, pythonSettings, type PythonConfig } from "#pkg/processor";
import { checkPython } from "./python-host.ts";
import { runPython, runWith, testSettings, type PythonCase } from "../test-support/python-run.ts";
import { faultOf } from "../../../test/support/fault-of.ts";

const SLOW = 60_000;
const IDENT = "def ident(x):\n    return x\n";
const cents = (value: Value | undefined): bigint => decimalToCents(value as Decimal);
const decimal = (digits: bigint, scale = 2): Decimal => ({ digits, scale });

/** One int field `n`, one formula of the given type. */
const ints = (
  code: string,
  numbers: readonly number[] = [1, 2, 3],
  type: PythonCase["formulas"][string][1] = "int",
): PythonCase => ({
  code,
  source: { n: ["int", numbers.map(BigInt)] },
  formulas: { out: ["f(r.n)", type] },
});

describe("values", { timeout: SLOW }, () => {
  test("ints keep all of their 64 bits", async () => {
    const values = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    const { values: found } = await runPython({
      code: IDENT,
      source: { n: ["int", values] },
      formulas: { same: ["ident(r.n)", "int"], bare: ["r.n", "int"], text: ["str(r.n)", "string"] },
    });
    expect(found["same"]).toEqual(values);
    expect(found["bare"]).toEqual(values);
    expect(found["text"]).toEqual(values.map(String));
  });

  test("decimals arrive as int or float by their shortest text and leave exactly", async () => {
    const digits = [235n, 23700n, 10n, -1n, 2n ** 51n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    const of = (some: readonly bigint[]): PythonCase => ({
      code: `${IDENT}\ndef kind(x):\n    return type(x).__mro__[-2].__name__ + " " + str(x)\n`,
      source: { d: ["decimal2", some.map((each) => decimal(each))] },
      formulas: { same: ["ident(r.d)", "decimal2"], kind: ["kind(r.d)", "string"] },
    });
    const large = await runPython(of(digits));
    expect(large.values["same"]?.map(cents)).toEqual(digits);
    const small = await runPython(of(digits.slice(0, 4)));
    expect(small.values["same"]?.map(cents)).toEqual(digits.slice(0, 4));
    expect(small.values["kind"]).toEqual(["float 2.35", "int 237", "float 0.1", "float -0.01"]);
  });

  test("floats, texts, booleans and datetimes arrive unchanged", async () => {
    const floats = [1234567.891234567, -0, 16, 1e300, Number.NaN, Number.POSITIVE_INFINITY];
    const texts = ["it's", "C:\\new\\", "two\nlines", "{x} %s \u2028 é 😀 \0", "", "'''"];
    const found = await runPython({
      code: `
def show(x):
    return repr(x)
def flip(b):
    return not b
def codes(s):
    return " ".join(str(ord(c)) for c in s)
`,
      source: {
        f: ["float", floats],
        s: ["string", texts],
        b: ["bool", [true, false, true, false, true, false]],
        t: [
          "datetime",
          [0, 250, -1, -62_135_596_800_000, 253_402_300_800_000, 5].map(dateTimeFromMs),
        ],
      },
      formulas: {
        f: ["show(r.f)", "string"],
        s: ["codes(r.s)", "string"],
        b: ["flip(r.b)", "bool"],
        t: ["r.t", "string"],
      },
    });
    expect(found.values["f"]).toEqual([
      "1234567.891234567",
      "-0.0",
      "16.0",
      "1e+300",
      "nan",
      "inf",
    ]);
    expect(found.values["s"]).toEqual(
      texts.map((text) => Array.from(text, (character) => character.codePointAt(0)).join(" ")),
    );
    expect(found.values["b"]).toEqual([false, true, false, true, false, true]);
    expect(found.values["t"]).toEqual([
      "1970-01-01T00:00:00.000+00:00",
      "1970-01-01T00:00:00.250+00:00",
      "1969-12-31T23:59:59.999+00:00",
      "0001-01-01T00:00:00.000+00:00",
      "10000-01-01T00:00:00.000+00:00",
      "1970-01-01T00:00:00.005+00:00",
    ]);
  });

  test("numbers become the declared type: ints are cut, decimals rounded by their shortest text", async () => {
    const found = await runPython({
      code: `
from decimal import Decimal
VALUES = [5.99, -5.99, 1.005, -1.005, 2.345, 10**17 + 1, Decimal("92233720368547758.07"), 0.1 + 0.2]
def pick(n):
    return VALUES[n]
`,
      source: { n: ["int", [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]] },
      formulas: { whole: ["pick(r.n)", "int"], money: ["pick(r.n)", "decimal2"] },
    });
    expect(found.failures.map(({ row, field }) => [row, field])).toEqual([[5, "money"]]);
    expect(found.values["whole"]).toEqual([5n, -5n, 1n, -1n, 2n, 92233720368547758n, 0n]);
    expect(found.values["money"]?.map(cents)).toEqual([
      599n,
      -599n,
      101n,
      -101n,
      235n,
      2n ** 63n - 1n,
      30n,
    ]);
  });

  test("rounding equals that of the exact shortest decimal, for any float", async () => {
    await using processors = openProcessors(testSettings());
    const halves = fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((n) => n / 1000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(halves, fc.double({ min: -1e13, max: 1e13, noNaN: true })), {
          minLength: 1,
          maxLength: 50,
        }),
        async (floats) => {
          const { values } = await runWith(processors, {
            source: { f: ["float", floats] },
            formulas: { money: ["r.f", "decimal2"], text: ["exactly(r.f)", "string"] },
            code: `
from decimal import Decimal, ROUND_HALF_UP
def exactly(x):
    return str(int(Decimal(repr(x)).quantize(Decimal("0.01"), ROUND_HALF_UP) * 100))
`,
          });
          expect(values["money"]?.map((value) => String(cents(value)))).toEqual(values["text"]);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("datetimes need milliseconds and a numeric offset, which fields of the same node see", async () => {
    const found = await runPython({
      code: `
TEXTS = ["2025-02-08T10:00:00.250+02:00", "2025-02-08T10:00:00.250+00:00", "2025-02-08T10:00:00Z",
         "2025-13-08T10:00:00.250+02:00", "2025-02-08 10:00:00.250+02:00"]
def pick(n):
    return TEXTS[n]
`,
      source: { n: ["int", [0n, 1n, 2n, 3n, 4n]] },
      formulas: { at: ["pick(r.n)", "datetime"] },
    });
    expect(found.values["at"]).toMatchObject([{ offset: 7200 }, { offset: 0, zone: "UTC" }]);
    expect(found.failures.map(({ row, fault }) => [row, fault.code])).toEqual([
      [2, "PYTHON_RESULT"],
      [3, "PYTHON_RESULT"],
      [4, "PYTHON_RESULT"],
    ]);
  });

  test.each([
    ["None", "int", "must be a number, not None"],
    ["None", "string", "must be a str, not None"],
    ["True", "int", "must be a number, not the bool True"],
    ["1", "bool", "must be a bool, not 1"],
    ['"5"', "decimal2", 'must be a number, not the str "5"'],
    ["float('nan')", "float", "not nan"],
    ["float('inf')", "decimal2", "not inf"],
    ["[1]", "int", "not list [1]"],
    ["{1: 2}", "string", 'not {"1":2}'],
    ['{"number": "5"}', "string", 'not {"number":"5"}'],
    ['{"number": "5"}', "decimal2", "not dict {'number': '5'}"],
    ["object", "bool", "not type "],
    ["10 ** 19", "int", "does not fit into 64 bits"],
    ["10 ** 600", "float", "not a number with 601 characters"],
    ["2 ** 2000", "float", "not a number with 603 characters"],
    ["10 ** 6000", "decimal2", "must be a number"],
  ] as const)("a result that is %s is no %s", async (expression, type, message) => {
    const { failures, values } = await runPython(
      ints(`def f(n):\n    return ${expression} if n == 2 else ${GOOD[type]}\n`, [1, 2, 3], type),
    );
    expect(failures.map(({ row, field, fault }) => [row, field, fault.code])).toEqual([
      [1, "out", "PYTHON_RESULT"],
    ]);
    expect(failures[0]?.fault.message).toContain("f(r.n): ");
    expect(failures[0]?.fault.message).toContain(message);
    expect(values["out"]?.length).toBe(2);
  });
});

const GOOD = { int: "7", float: "7.5", decimal2: "7.5", string: '"x"', bool: "True" } as const;

describe("formulas", { timeout: SLOW }, () => {
  test("use each other as Python objects, in the order they need", async () => {
    const { values } = await runPython({
      code: "def third(x):\n    return x / 3\n\ndef back(x):\n    return x * 3\n",
      source: { n: ["int", [1n, 2n]] },
      formulas: { a: ["back(p.b)", "float"], b: ["third(r.n)", "decimal2"], c: ["p.b", "float"] },
    });
    expect(values["a"]).toEqual([1, 2]);
    expect(values["b"]?.map(cents)).toEqual([33n, 67n]);
    expect(values["c"]).toEqual([1 / 3, 2 / 3]);
  });

  test("may call built-in functions, functions of several files and names the code brings in", async () => {
    const { values } = await runPython({
      code: {
        "one.py": "from math import sqrt\nRATE = 2\n",
        "two.py": "def scaled(x, by=RATE):\n    return sqrt(x) * by\n\ndouble = lambda x: 2 * x\n",
      },
      source: { n: ["int", [16n]], s: ["string", ["abc"]] },
      formulas: {
        a: ["scaled(r.n)", "float"],
        b: ["scaled(r.n, RATE + 1)", "float"],
        c: ["double(len(r.s) - 1)", "int"],
        d: ["sqrt(abs(-r.n))", "float"],
        e: ["str(true)", "string"],
      },
    });
    expect(values).toEqual({ a: [8], b: [12], c: [4n], d: [4], e: ["True"] });
  });

  test("may hold what Go parses and only Python understands", async () => {
    const { values } = await runPython({
      code: "def f(x, y=0):\n    return x\n",
      source: { n: ["int", [3n]], s: ["string", ["abcd"]] },
      formulas: {
        part: ["f(r.s[1:r.n])", "string"],
        power: ["f(r.n ** 2 ** p.one)", "int"],
        one: ["f(+1)", "int"],
        other: ["f(~r.n)", "int"],
        letter: ["f('q')", "string"],
        hex: ["f(0x1F)", "int"],
      },
    });
    expect(values).toEqual({
      part: ["bc"],
      power: [9n],
      one: [1n],
      other: [-4n],
      letter: ["q"],
      hex: [31n],
    });
  });

  test("see literals as they are written, also when they look like fields", async () => {
    const { values } = await runPython({
      code: 'def label(a, b):\n    return a + "|" + b\n\ndef five():\n    return 5\n',
      source: { n: ["int", [1n]] },
      formulas: { f: ['label("r.n\\t{ }", `a"b\\n`)', "string"], g: ["five()", "int"] },
    });
    expect(values["f"]).toEqual(['r.n\t{ }|a"b\\n']);
    expect(values["g"]).toEqual([5n]);
  });

  test("may print, read input and use json and traceback without importing them", async () => {
    const { values } = await runPython({
      code: `
import os, sys
def noisy(n):
    print('{"columns":[[1]],"failures":[]}')
    os.write(1, b"raw\\n")
    sys.stderr.write("x" * 5000)
    return json.dumps([n, sys.stdin.read(), traceback.__name__])
`,
      source: { n: ["int", [1n, 2n]] },
      formulas: { out: ["noisy(r.n)", "string"] },
    });
    expect(values["out"]).toEqual(['[1, "", "traceback"]', '[2, "", "traceback"]']);
  });

  test("without rows start nothing that fails", async () => {
    expect(await runPython(ints("def f(n):\n    return n\n", []))).toEqual({
      values: {},
      rows: [],
      failures: [],
    });
  });
});

describe("P2: results do not depend on how rows come", { timeout: SLOW }, () => {
  const counting = (pageRows: number, blockRows: number): PythonCase => ({
    code: "seen = []\ndef f(n):\n    seen.append(n)\n    return len(seen)\n",
    source: { n: ["int", Array.from({ length: 25 }, (_, n) => BigInt(n))] },
    formulas: { out: ["f(r.n)", "int"] },
    pageRows,
    blockRows,
  });

  test("what code keeps in its module lives for one page, whatever the blocks", async () => {
    await using processors = openProcessors(testSettings());
    const expected = Array.from({ length: 25 }, (_, n) => BigInt((n % 10) + 1));
    for (const blockRows of [1, 3, 10, 25]) {
      const { values, rows } = await runWith(processors, counting(10, blockRows));
      expect(values["out"]).toEqual(expected);
      expect(rows).toEqual(Array.from({ length: 25 }, (_, n) => n));
    }
  });

  test("the order of sets is the same in every process", async () => {
    const sets: PythonCase = {
      code: 'def f(n):\n    return ",".join({"a", "b", "c", "d", "e", "f", "g"})\n',
      source: { n: ["int", [1n]] },
      formulas: { out: ["f(r.n)", "string"] },
    };
    const [first, second] = [await runPython(sets), await runPython(sets)];
    expect(first.values).toEqual(second.values);
  });
});

describe("code that fails", { timeout: SLOW }, () => {
  test("a row that raises is told with formula, exception, file, line and source; others have results", async () => {
    const { failures, values, rows } = await runPython(
      ints(
        `import math

def check(n):
    if n == 13:
        raise ValueError("no step for %d" % n)
    return math.sqrt(n)

def f(n):
    return check(n)
`,
        [4, 13, 9, 13],
        "float",
      ),
    );
    expect(values["out"]).toEqual([2, 3]);
    expect(rows).toEqual([0, 2]);
    expect(failures.map(({ row, field, expression }) => [row, field, expression])).toEqual([
      [1, "out", "f(r.n)"],
      [3, "out", "f(r.n)"],
    ]);
    expect(failures[0]?.fault).toMatchObject({
      code: "PYTHON_ROW",
      message:
        'f(r.n): ValueError: no step for 13 [code.py, line 5: raise ValueError("no step for %d" % n)]',
      facts: { file: "code.py", line: 5, error: "ValueError: no step for 13" },
    });
  });

  test.each([
    ["SystemExit", "raise SystemExit(3)"],
    ["KeyboardInterrupt", "raise KeyboardInterrupt"],
    ["RecursionError", "return f(n)"],
    ["NameError", "return unknown"],
    ["ZeroDivisionError", "return 1 / 0"],
  ])("%s is a failure of its row", async (name, statement) => {
    const { failures } = await runPython(ints(`def f(n):\n    ${statement}\n`, [1]));
    expect(failures.map(({ fault }) => fault.code)).toEqual(["PYTHON_ROW"]);
    expect(failures[0]?.fault.message).toContain(`f(r.n): ${name}`);
  });

  test("the formula that raises is named among several", async () => {
    const { failures } = await runPython({
      code: "def f(n):\n    return n\n",
      source: { n: ["int", [1n]] },
      formulas: { a: ["f(r.n)", "int"], b: ['f(r.n - "x")', "int"], c: ["f(p.a)", "int"] },
    });
    expect(failures).toMatchObject([{ field: "b", expression: 'f(r.n - "x")' }]);
  });

  test.each([
    ["a syntax error", "def f(n):\n    return (n\n", /SyntaxError.*\[code\.py, line 2/],
    [
      "a module that is missing",
      "import no_such_module\ndef f(n):\n    return n\n",
      /ModuleNotFoundError: No module named 'no_such_module' \[code\.py, line 1: import no_such_module\]/,
    ],
    ["a text with a null byte", "def f(n):\n    return n\n\0", /null byte/],
    [
      "an end of the process at import",
      "def f(n):\n    return n\nraise SystemExit(1)\n",
      /SystemExit: 1 \[code\.py, line 3/,
    ],
  ])("%s fails the batch with its place", async (_, code, message) => {
    const fault = await faultOf(runPython(ints(code)));
    expect(fault.code).toBe("PYTHON_CODE");
    expect(fault.message).toMatch(/^node calc: the Python code fails: /);
    expect(fault.message).toMatch(message);
  });

  test("an endless loop is ended at the time limit; the next batch has a new process", async () => {
    await using processors = openProcessors(testSettings({ execution_timeout: 500 }));
    const loop = ints("def f(n):\n    while n == 2:\n        pass\n    return n\n");
    const fault = await faultOf(runWith(processors, loop));
    expect(fault.code).toBe("PYTHON_TIMEOUT");
    expect(fault.message).toContain("node calc, rows 1 to 3 of the source table: ");
    expect(fault.message).toContain("longer than 500 ms");
    const after = await runWith(processors, ints("def f(n):\n    return n\n"));
    expect(after.values["out"]).toEqual([1n, 2n, 3n]);
  });

  test("a crash names exit code and last words; the next batch has a new process", async () => {
    await using processors = openProcessors(testSettings());
    const crash = "import os\ndef f(n):\n    os.write(2, b'last words')\n    os._exit(7)\n";
    const fault = await faultOf(runWith(processors, ints(crash)));
    expect(fault).toMatchObject({ code: "PYTHON_DIED", retryable: false, facts: { exitCode: 7 } });
    expect(fault.message).toContain("exit code 7; it wrote: last words");
    const killed = await faultOf(
      runWith(processors, ints("import os\ndef f(n):\n    os.kill(os.getpid(), 9)\n")),
    );
    expect(killed).toMatchObject({ code: "PYTHON_DIED", retryable: true });
    const after = await runWith(processors, ints("def f(n):\n    return n\n"));
    expect(after.values["out"]).toEqual([1n, 2n, 3n]);
  });

  test("memory beyond the limit is a MemoryError of the row", async () => {
    const { failures } = await runPython(
      ints("def f(n):\n    return len(bytearray(2 ** 30))\n", [1]),
      { memory_limit_mb: 512 },
    );
    expect(failures[0]?.fault.message).toContain("MemoryError");
  });

  test("processor time beyond the limit ends the process", async () => {
    const fault = await faultOf(
      runPython(ints("def f(n):\n    while True:\n        pass\n"), {
        processor_limit_s: 1,
        execution_timeout: 50_000,
      }),
    );
    expect(fault.code).toBe("PYTHON_TIMEOUT");
    expect(fault.message).toContain("more processor time");
  });

  test("a stop ends the process without waiting for the time limit", async () => {
    let looks = 0;
    const loop = ints("def f(n):\n    while True:\n        pass\n");
    const stopped = runPython(
      {
        ...loop,
        checkpoint: () => {
          looks += 1;
          if (looks > 2) throw new Error("stopped");
        },
      },
      { execution_timeout: 50_000 },
    );
    await expect(stopped).rejects.toThrow("stopped");
  });
});

describe("the interpreter", { timeout: SLOW }, () => {
  const plain = ints("def f(n):\n    return n\n");

  test.each([
    ["no-such-python", "cannot be used"],
    ["/bin/true", "ended with exit code 0"],
    ["/bin/cat", "does not answer as Python does"],
  ])("%s is none", async (interpreter, message) => {
    const fault = await faultOf(runPython(plain, { python_interpreter_path: interpreter }));
    expect(fault.code).toBe("PYTHON_MISSING");
    expect(fault.message).toContain(interpreter);
    expect(fault.message).toContain(message);
  });

  test.each<readonly [string, string, PythonConfig, string]>([
    [
      "takes a limit and grants more",
      "lambda *_: None",
      { memory_limit_mb: 512 },
      "memory limit (memory beyond the limit was granted)",
    ],
    ["refuses a limit", "refuse", { processor_limit_s: 5 }, "processor time limit (no such limit)"],
  ])("a machine that %s is told before anything runs", async (_, setrlimit, config, says) => {
    const folder = mkdtempSync(join(tmpdir(), "capillaries-limits-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const interpreter = join(folder, "python3");
    const code = `import resource, runpy, sys
def refuse(*_): raise OSError("no such limit")
resource.setrlimit = ${setrlimit}
runpy.run_path(sys.argv[-1], run_name="__main__")`;
    writeFileSync(interpreter, `#!/bin/sh\nexec python3 -c '${code}' "$@"\n`, { mode: 0o755 });
    const python = pythonSettings({ python_interpreter_path: interpreter, ...config }, process.env);
    const fault = await faultOf(checkPython(python));
    expect(fault.code).toBe("PYTHON_LIMIT");
    expect(fault.message).toContain(says);
    expect(fault.hint).toContain("set it to 0");
    await checkPython({ ...python, memoryLimitMb: 0, processorLimitS: 0 });
  });

  test("parameters of the reference are accepted, other ones passed on", async () => {
    const found = await runPython(
      {
        code: "import sys\ndef f(n):\n    return sys.flags.optimize\n",
        source: { n: ["int", [1n]] },
        formulas: { out: ["f(r.n)", "int"] },
      },
      { python_interpreter_params: ["-u", "-O", "-"] },
    );
    expect(found.values["out"]).toEqual([1n]);
  });

  test("its environment holds what is allowed and nothing else", async () => {
    const { values } = await runPython({
      code: 'import os\ndef f(n):\n    return ",".join(sorted(os.environ))\n',
      source: { n: ["int", [1n]] },
      formulas: { out: ["f(r.n)", "string"] },
    });
    const names = (values["out"] as string[]).join("").split(",");
    expect(names).toContain("PYTHONHASHSEED");
    expect(names.filter((name) => /TOKEN|SECRET|npm_|VITEST|NODE/.test(name))).toEqual([]);
  });
});
