import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardProcessors, moduleCatalogue, modulePaths, type SourceBlock } from "#pkg/processor";
import { columnFrom, valueAt, type Vector } from "#pkg/rowset";
import type { FieldType } from "#pkg/value";
import {
  frozenModule,
  moduleProcessors,
  moduleText,
  runModule,
  type ModuleCase,
} from "../test-support/module-run.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "module-"));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (text: string): string => {
  const path = join(folder, "mod.mjs");
  writeFileSync(path, text);
  return path;
};

const numbers = (...values: readonly bigint[]): ModuleCase["source"] => ({ n: ["int", values] });

describe("values", () => {
  test("every type goes in and out unchanged", async () => {
    const source: ModuleCase["source"] = {
      i: ["int", [-(2n ** 63n), 7n]],
      f: ["float", [0.1, -1e300]],
      d: [
        "decimal2",
        [
          { digits: -1250n, scale: 2 },
          { digits: 2n ** 62n, scale: 2 },
        ],
      ],
      s: ["string", ["ü\u0000🙂", ""]],
      b: ["bool", [true, false]],
      t: [
        "datetime",
        [-1, 253_402_300_799_999].map((ms) => ({
          ns: BigInt(ms) * 1_000_000n,
          offset: 0,
          zone: "UTC",
        })),
      ],
    };
    const outputs = Object.fromEntries(
      Object.entries(source).map(([name, [type]]) => [name, type] as const),
    );
    const { values, rows } = await runModule(folder, {
      body: "return { columns };",
      outputs,
      source,
    });
    expect(values).toEqual(
      Object.fromEntries(Object.entries(source).map(([name, [, each]]) => [name, each])),
    );
    expect(rows).toEqual([0, 1]);
  });

  test("ints may be numbers, decimals numbers or bigints", async () => {
    const body = "return { columns: { i: [5], d: [1.5], e: [3n] } };";
    const outputs = { i: "int", d: "decimal2", e: "decimal2" } as const;
    const { values } = await runModule(folder, { body, outputs, source: numbers(1n) });
    expect(values).toEqual({
      i: [5n],
      d: [{ digits: 150n, scale: 2 }],
      e: [{ digits: 300n, scale: 2 }],
    });
  });

  test.each([
    ["int", "1.5", "the number 1.5"],
    ["int", "2n ** 63n", "the bigint 9223372036854775808"],
    ["float", "NaN", "the number NaN"],
    ["decimal2", '"1,5"', 'the string "1,5"'],
    ["decimal2", "true", "the boolean true"],
    ["string", '"\\ud800"', "the string"],
    ["string", "undefined", "nothing"],
    ["bool", "1", "the number 1"],
    ["datetime", "1e18", "the number"],
    ["datetime", "new Date(0)", "an object"],
    ["float", "[]", "a list"],
    ["string", "Symbol('x'.repeat(200))", "…"],
  ] as const)("%s cannot be %s", async (type, text, shown) => {
    const body = `return { columns: { out: [${type === "int" ? "1" : "columns.n[0] > 9 ? 0 : " + GOOD[type]}, ${text}] } };`;
    const { failures, rows } = await runModule(folder, {
      body,
      outputs: { out: type },
      source: numbers(1n, 2n),
    });
    // The record of the good row is there for a node that rejects the other one.
    expect(rows).toEqual([0]);
    expect(failures).toEqual([
      expect.objectContaining({ row: 1, field: "out", expression: "mod(r.n)" }),
    ]);
    expect(failures[0]?.fault.code).toBe("PROCESSOR_RESULT");
    expect(failures[0]?.fault.message).toContain(shown);
  });
});

const GOOD = { float: "1", decimal2: '"1"', string: '"a"', bool: "true", datetime: "0" } as const;

test("where rows are rejected, every row of a page for which the module throws is asked alone", async () => {
  const body = `const row = [], out = [];
    columns.n.forEach((n, at) => { if (n % 3n === 0n) throw new Error("no " + n);
      for (let k = 0n; k < n % 3n; k++) { row.push(at); out.push(n); } });
    return { rows: row, columns: { out } };`;
  const source = numbers(1n, 3n, 2n, 6n, 4n);
  const given = { body, outputs: { out: "int" }, source, pageRows: 4, rejects: true } as const;
  const { rows, values, failures } = await runModule(folder, given);
  expect(rows).toEqual([0, 2, 2, 4]);
  expect(values["out"]).toEqual([1n, 2n, 2n, 4n]);
  expect(failures.map(({ row, fault }) => [row, fault.code, fault.message])).toEqual([
    [1, "PROCESSOR_ROW", expect.stringContaining("no 3")],
    [3, "PROCESSOR_ROW", expect.stringContaining("no 6")],
  ]);
  const moody = "if (rows > 1) throw new Error('too many'); return { columns: { out: [1n] } };";
  await expect(runModule(folder, { ...given, body: moody })).rejects.toMatchObject({
    code: "PROCESSOR_ROW",
    message: expect.stringContaining("rows 1 to 4 of the source table") as string,
  });
});

describe("rows", () => {
  test("a row may have several records or none; pages have rowset_size rows", async () => {
    const body = `const row = [], out = [];
      columns.n.forEach((n, at) => { for (let k = 0n; k < n; k++) { row.push(at); out.push(rows); } });
      return { rows: row, columns: { out } };`;
    const source = numbers(2n, 0n, 1n, 3n, 1n);
    const given = { body, outputs: { out: "int" }, source, pageRows: 2 } as const;
    const { rows, values } = await runModule(folder, given);
    expect(rows).toEqual([0, 0, 2, 3, 3, 3, 4]);
    expect(values["out"]).toEqual([2n, 2n, 2n, 2n, 2n, 2n, 1n]);
  });

  test.each([
    ["{ columns: { out: [1n] } }", "columns.out has 1 values for 2 records"],
    ["{ columns: {} }", "columns.out must be a list, not nothing"],
    ["undefined", "process must return an object with columns, not nothing"],
    ["{ columns: { out: [] }, rows: 3 }", "rows must be a list, not the number 3"],
    [
      "{ columns: { out: [1, 1] }, rows: [1, 0] }",
      "rows[1] must be a row from 1 to 1, not the number 0",
    ],
    ["{ columns: { out: [1] }, rows: [2] }", "rows[0] must be a row from 0 to 1, not the number 2"],
  ])("the result %s is refused with the page", async (text, message) => {
    const running = runModule(folder, {
      body: `return ${text};`,
      outputs: { out: "int" },
      source: numbers(1n, 2n),
    });
    await expect(running).rejects.toMatchObject({
      code: "PROCESSOR_RESULT",
      message: `node calc, rows 1 to 2 of the source table: ${message}`,
    });
  });

  test("what it throws is told with the first row that throws alone, its line and its cause", async () => {
    const body = `  if (columns.n.includes(13n)) throw new RangeError("no 13");
  columns.n.length = 0;
  settings.seen = (settings.seen ?? 0) + 1;
  return { columns: { out: Array(rows).fill(settings.seen) } };`;
    const given = { body, outputs: { out: "int" }, pageRows: 3 } as const;
    const source = numbers(1n, 2n, 3n, 4n, 13n, 13n);
    const { failures, values } = await runModule(folder, { ...given, source });
    expect(values["out"]).toEqual([1n, 1n, 1n]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ row: 4, field: "out", expression: "mod(r.n)" });
    expect(failures[0]?.fault).toMatchObject({
      code: "PROCESSOR_ROW",
      message: `RangeError: no 13 [${join(folder, "mod.mjs")}, line 6]`,
      cause: expect.objectContaining({ message: "no 13" }) as unknown,
    });
  });

  test("when no row throws alone the page is to blame", async () => {
    const running = runModule(folder, {
      body: 'if (rows > 1) throw "only alone"; return { columns };',
      outputs: { n: "int" },
      source: numbers(1n, 2n),
    });
    await expect(running).rejects.toMatchObject({
      code: "PROCESSOR_ROW",
      message: "node calc, rows 1 to 2 of the source table: only alone",
    });
  });
});

describe("modules", () => {
  const simple = {
    body: "return { columns };",
    outputs: { n: "int" },
    source: numbers(1n),
  } as const;
  const opened = async (path: string) => ({
    node: "calc",
    processor: await frozenModule(path, {}),
    source: new Map(),
    pageRows: 10,
    checkpoint: () => undefined,
  });

  test("another content than the run was started with is refused, the same one is not", async () => {
    const path = file(moduleText(simple));
    const request = await opened(path);
    await using processors = moduleProcessors(path);
    file(`${moduleText(simple)}// changed`);
    await expect(processors.open(request)).rejects.toMatchObject({
      code: "PROCESSOR_CHANGED",
      facts: expect.objectContaining({
        node: "calc",
        frozen: request.processor.sha256,
      }) as unknown,
    });
    file(moduleText(simple));
    await expect(processors.open(request)).resolves.toBeDefined();
  });

  test("a process without the module says how to name it, one without the right to run code refuses", async () => {
    const path = file(moduleText(simple));
    const request = await opened(path);
    await using processors = moduleProcessors(path);
    const other = { ...request, processor: { ...request.processor, name: "toString" } };
    await expect(processors.open(other)).rejects.toMatchObject({ code: "PROCESSOR_MODULE" });
    await expect(guardProcessors(processors, false).open(request)).rejects.toMatchObject({
      code: "ACCESS_DENIED",
      message: "node calc: this run may not execute the processor module mod",
    });
    await expect(guardProcessors(processors, true).open(request)).resolves.toBeDefined();
  });

  test.each([
    ["export default 1", "its default export has no object settings"],
    [
      "export default { settings: {}, sourceFields() {}, outputs() {} }",
      "its default export has no function process",
    ],
    ["throw new Error('at once')", "it cannot be loaded: Error: at once"],
    ["import './other.mjs'", 'Failed to resolve module specifier "./other.mjs" from "the module"'],
    ["export default {", "it cannot be loaded: SyntaxError"],
    [
      "export default { settings: { type: 'nope' }, sourceFields() {}, outputs() {}, process() {} }",
      "its settings are no JSON Schema",
    ],
  ])("%s is no module", async (text, message) => {
    await expect(moduleCatalogue({ mod: file(text) })).rejects.toMatchObject({
      code: "PROCESSOR_MODULE",
      message: expect.stringContaining(message) as string,
    });
  });

  test("a missing file is named", async () => {
    await expect(moduleCatalogue({ mod: join(folder, "no.mjs") })).rejects.toThrow("ENOENT");
  });

  const typed = (body: string): string => `import type { Page } from "capillaries/processor";
interface Settings { readonly by: string }
export default {
  settings: { type: "object" } as const,
  sourceFields: (): readonly string[] => ["n"],
  outputs: () => ({ n: "int" }) as const,
  process({ columns }: Page, settings: Settings) {
${body}
  },
} satisfies object;
`;

  test("TypeScript runs as it is: its types are taken out, its lines stay", async () => {
    const path = join(folder, "typed.ts");
    writeFileSync(
      path,
      typed(`    const by = BigInt(settings.by!);
    const n = (columns["n"] as bigint[]).map((one: bigint): bigint => {
      if (one < 0n) throw new RangeError("below zero");
      return one * by;
    });
    return { columns: { n } };`),
    );
    const processor = await frozenModule(path, { by: "3" });
    expect(processor.sha256).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
    await using processors = moduleProcessors(path);
    const source = new Map<string, FieldType>([["n", "int"]]);
    const request = { node: "calc", source, pageRows: 10, checkpoint: () => undefined };
    await using opened = await processors.open({ ...request, processor });
    async function* block(...values: readonly bigint[]): AsyncGenerator<SourceBlock> {
      const columns = new Map([["n", columnFrom("int", values)]]);
      yield await Promise.resolve({ from: 0, rowset: { rows: values.length, columns } });
    }
    for await (const { fields } of opened.process(block(1n, 2n)))
      expect([0, 1].map((at) => valueAt(fields.get("n") as Vector, at))).toEqual([3n, 6n]);
    for await (const { failures } of opened.process(block(-1n)))
      expect(failures[0]?.fault.message).toMatch(/below zero \[.*typed\.ts, line 10\]/);
  });

  test.each([
    ["    enum A { B }", "TypeScript enum is not supported in strip-only mode (line 8)"],
    ["    const a: = 1;", "(line 8)"],
  ])("%s is no TypeScript that can be run", async (body, message) => {
    const path = join(folder, "typed.mts");
    writeFileSync(path, typed(body));
    await expect(moduleCatalogue({ mod: path })).rejects.toMatchObject({
      code: "PROCESSOR_MODULE",
      message: expect.stringContaining(message) as string,
    });
  });

  const definitionOf = async (members: string) => {
    const path = file(
      `export default { process() {}, sourceFields: () => [], outputs: () => ({ a: "int" }), settings: {}, ${members} }`,
    );
    return (await moduleCatalogue({ mod: path })).get("mod");
  };

  test.each([
    ["sourceFields: () => [1]", "sourceFields must return a list of names"],
    ["sourceFields() { throw new Error('no') }", "sourceFields fails: no"],
    ["outputs: () => null", "outputs must return an object"],
    ["outputs: () => ({})", "it has no outputs"],
    ["outputs: () => ({ 'a b': 'int' })", '"a b" cannot be the name of an output'],
    ["outputs: () => ({ a: 'text' })", "the output a has no type that there is: text"],
    ["outputs() { throw 'no' }", "outputs fails: no"],
  ])("%s is refused when a script is read", async (members, message) => {
    const definition = await definitionOf(members);
    expect(() => definition?.describe({})).toThrow(message);
  });

  test("settings are checked against the schema of the module", async () => {
    const definition = await definitionOf(
      `settings: { type: "object", required: ["a"], additionalProperties: false,
        properties: { a: { enum: [1, 2] }, b: { type: "string" } }, if: { required: ["b"] }, then: { required: ["c"] } }`,
    );
    expect(definition?.check({ a: 1 })).toEqual([]);
    const found = definition?.check({ a: 3, b: "", d: 1 }) ?? [];
    expect(found.map(({ pointer, message }) => `${pointer} ${message}`).toSorted()).toEqual([
      " must NOT have additional properties: d",
      " must have required property 'c'",
      "/a must be equal to one of the allowed values: [1,2]",
    ]);
  });
});

describe("paths", () => {
  const configured = {
    folder: "/conf",
    modules: { vat: { module: "vat.mjs" }, py_calc: {}, odd: 1 },
  };

  test("settings are relative to their file, flags to the current folder, and win", () => {
    expect(modulePaths(configured, { folder: "/cwd", modules: {} })).toEqual({
      vat: "/conf/vat.mjs",
    });
    const flags = { folder: "/cwd", modules: { vat: "my.mjs", other: "/o.mjs" } };
    expect(modulePaths(configured, flags)).toEqual({ vat: "/cwd/my.mjs", other: "/o.mjs" });
  });

  test.each([
    ["vat", 1, "the path of a module file is needed"],
    ["py_calc", "a.mjs", "py_calc is built in"],
    ["a b", "a.mjs", "the name must be"],
  ])("%s = %s is refused", (name, path, message) => {
    const none = { folder: "/", modules: {} };
    const settings = { folder: "/", modules: { [name]: { module: path } } };
    expect(() => modulePaths(settings, none)).toThrow(message);
    const flags = () => modulePaths(none, { folder: "/", modules: { [name]: path } });
    expect(flags).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
