import { expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import { outputTypes, type ProcessorDefinition, type SettingsDeparture } from "./index.ts";
import { completeScript, processorFiles, readScript } from "./reading/index.ts";

const field = (expression: string, type: string) => ({ expression, type });

const scriptWith = (custom: object) => ({
  file: "s.json",
  text: JSON.stringify({
    nodes: {
      read: {
        type: "file_table",
        r: { urls: ["a.csv"], csv: {}, columns: { c: { csv: { col_hdr: "c" }, col_type: "int" } } },
        w: { name: "rows", fields: { net: field("r.c", "int") } },
      },
      vat: {
        type: "table_custom_tfm_table",
        r: { table: "rows" },
        w: { name: "taxed", fields: { gross: field("p.gross", "int") } },
        ...custom,
      },
    },
    dependency_policies: { p: { is_default: true, event_priority_order: "run_id", rules: [] } },
  }),
});

const definition = (parts: Partial<ProcessorDefinition> = {}): ProcessorDefinition => ({
  name: "vat",
  sha256: "abc",
  check: () => [],
  describe: () => ({ sourceFields: ["net"], outputs: new Map([["gross", "int"]]) }),
  ...parts,
});

const read = (custom: object, parts: Partial<ProcessorDefinition> = {}) =>
  readScript(scriptWith(custom), undefined, {}, new Map([["vat", definition(parts)]])).script;

function problemsOf(custom: object, parts: Partial<ProcessorDefinition> = {}) {
  try {
    read(custom, parts);
  } catch (error) {
    return (error as Fault).facts["problems"] as readonly Record<string, unknown>[];
  }
  return [];
}

test("a module is frozen into the script with its hash, settings and fields", () => {
  const script = read({ custom_proc_type: "vat", p: { rate: 19 } });
  const node = script.nodes.find(({ name }) => name === "vat");
  if (node?.kind !== "table_custom_tfm_table") throw new Error("no custom node");
  expect(node.processor).toEqual({
    type: "module",
    name: "vat",
    sha256: "abc",
    settings: { rate: 19 },
    sourceFields: ["net"],
    outputs: [{ name: "gross", type: "int" }],
  });
  expect(outputTypes(node.processor)).toEqual(new Map([["gross", "int"]]));
  expect(processorFiles(script)).toEqual([]);
  expect(completeScript(script, new Map()).script).toEqual(script);
});

test("settings that do not fit are named at their place; without p they are empty", () => {
  const seen: unknown[] = [];
  const check = (settings: unknown): readonly SettingsDeparture[] => {
    seen.push(settings);
    return [{ pointer: "/rates/0", message: "must be integer" }];
  };
  const custom = { custom_proc_type: "vat", p: { rates: ["x"] } };
  expect(problemsOf(custom, { check })).toEqual([
    expect.objectContaining({
      code: "PROCESSOR",
      path: "nodes.vat.p.rates[0]",
      message: "node vat: nodes.vat.p.rates[0] must be integer",
    }),
  ]);
  const whole = [{ pointer: "", message: "must have required property 'rates'" }];
  const none = { check: (settings: unknown) => (seen.push(settings), whole) };
  expect(problemsOf({ custom_proc_type: "vat" }, none)).toHaveLength(1);
  expect(seen).toEqual([{ rates: ["x"] }, {}]);
});

test("a field that the source does not have is named, with the nearest one", () => {
  const describe = () => ({
    sourceFields: ["nett"],
    outputs: new Map([["gross", "int"]] as const),
  });
  expect(problemsOf({ custom_proc_type: "vat", p: {} }, { describe })).toEqual([
    expect.objectContaining({ code: "FIELD_UNKNOWN", hint: "Did you mean net?" }),
  ]);
});

test("what the module cannot say of itself is a problem of the script", () => {
  const describe = () => {
    throw new Fault("PROCESSOR_MODULE", "outputs fails: no rate");
  };
  expect(problemsOf({ custom_proc_type: "vat", p: {} }, { describe })).toEqual([
    expect.objectContaining({ code: "PROCESSOR", message: "node vat: outputs fails: no rate" }),
  ]);
});

test.each([
  ["vatt", "Did you mean vat?"],
  [
    "perl",
    "Name its module with --processor name=file or in the settings file (custom_processors).",
  ],
])("the processor %s is unknown", (type, hint) => {
  const [problem] = problemsOf({ custom_proc_type: type, p: {} });
  expect(problem).toMatchObject({ code: "PROCESSOR", path: "nodes.vat.custom_proc_type", hint });
  expect(problem?.["message"]).toContain("tag_and_denormalize, py_calc, vat");
});
