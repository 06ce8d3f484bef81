import { columnFrom, valueAt, type Column } from "#pkg/rowset";
import type { PythonProcessor } from "#pkg/script";
import { completeScript, readScript } from "#pkg/script/reading";
import type { FieldType, Value } from "#pkg/value";
import {
  openProcessors,
  pythonSettings,
  type Processors,
  type PythonConfig,
  type RowFailure,
  type SourceBlock,
} from "#pkg/processor";

/** Name of a source field → its type and values. */
export type Source = Readonly<Record<string, readonly [FieldType, readonly Value[]]>>;

export interface PythonCase {
  /** Name of an output → formula and type. */
  readonly formulas: Readonly<Record<string, readonly [string, FieldType]>>;
  readonly code?: string | Readonly<Record<string, string>>;
  readonly source: Source;
  readonly pageRows?: number;
  /** Rows of each block the source comes in. */
  readonly blockRows?: number;
  readonly checkpoint?: () => void;
}

export interface PythonResult {
  /** Values of each output, in row order. */
  readonly values: Readonly<Record<string, readonly Value[]>>;
  /** Source row of each value. */
  readonly rows: readonly number[];
  readonly failures: readonly RowFailure[];
}

export const testSettings = (config: PythonConfig = {}) => ({
  python: pythonSettings(config, process.env),
});

/** Runs formulas over a few rows in a Python of its own. */
export async function runPython(
  python: PythonCase,
  config: PythonConfig = {},
): Promise<PythonResult> {
  await using processors = openProcessors(testSettings(config));
  return await runWith(processors, python);
}

export async function runWith(processors: Processors, python: PythonCase): Promise<PythonResult> {
  const { source, pageRows = 1000, checkpoint = () => undefined } = python;
  await using processor = await processors.open({
    node: "calc",
    processor: processorOf(python),
    source: new Map(Object.entries(source).map(([name, [type]]) => [name, type])),
    pageRows,
    checkpoint,
  });
  const values: Record<string, Value[]> = {};
  const rows: number[] = [];
  const failures: RowFailure[] = [];
  for await (const records of processor.process(blocksOf(python))) {
    for (let at = 0; at < records.count; at += 1)
      rows.push(records.block.from + (records.rows?.[at] ?? at));
    for (const [name, vector] of records.fields)
      for (let at = 0; at < records.count; at += 1) (values[name] ??= []).push(valueAt(vector, at));
    for (const each of records.failures)
      failures.push({ ...each, row: records.block.from + each.row });
  }
  return { values, rows, failures };
}

async function* blocksOf({
  source,
  blockRows = 1_000_000,
}: PythonCase): AsyncGenerator<SourceBlock> {
  const rows = Object.values(source)[0]?.[1].length ?? 0;
  for (let from = 0; from < rows; from += blockRows) {
    const columns = new Map<string, Column>(
      Object.entries(source).map(([name, [type, values]]) => [
        name,
        columnFrom(type, values.slice(from, from + blockRows)),
      ]),
    );
    const size = Math.min(blockRows, rows - from);
    yield await Promise.resolve({ from, rowset: { rows: size, columns } });
  }
}

/** The processor as it comes out of a checked script. */
export function processorOf({ formulas, code = "", source }: PythonCase): PythonProcessor {
  const files = typeof code === "string" ? { "code.py": code } : code;
  const field = (expression: string, type: string) => ({ expression, type });
  const nodes = {
    read: {
      type: "file_table",
      r: { urls: ["a.csv"], csv: {}, columns: { c: { csv: { col_hdr: "c" }, col_type: "int" } } },
      w: {
        name: "rows",
        fields: Object.fromEntries(
          Object.entries(source).map(([name, [type]]) => [name, field(SAMPLES[type], type)]),
        ),
      },
    },
    calc: {
      type: "table_custom_tfm_table",
      custom_proc_type: "py_calc",
      r: { table: "rows" },
      p: {
        python_code_urls: Object.keys(files),
        calculated_fields: Object.fromEntries(
          Object.entries(formulas).map(([name, [formula, type]]) => [name, field(formula, type)]),
        ),
      },
      w: { name: "calculated", fields: {} },
    },
  };
  const policies = { p: { is_default: true, event_priority_order: "run_id", rules: [] } };
  const text = JSON.stringify({ nodes, dependency_policies: policies });
  const { script } = readScript({ file: "s.json", text });
  const complete = completeScript(script, new Map(Object.entries(files))).script;
  const node = complete.nodes.find(({ name }) => name === "calc");
  if (node?.kind !== "table_custom_tfm_table" || node.processor.type !== "py_calc")
    throw new Error("no py_calc node");
  return node.processor;
}

const SAMPLES: Readonly<Record<FieldType, string>> = {
  int: "r.c",
  float: "float(r.c)",
  decimal2: "decimal2(r.c)",
  string: "string(r.c)",
  bool: "r.c > 0",
  datetime: "time.Now()",
};
