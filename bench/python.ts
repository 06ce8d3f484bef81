// npm run bench:python -- [--rows n]   one engine thread, one Python child, one-line formulas; target 150,000 rows/s
import { parseArgs } from "node:util";
import { openProcessors, pythonSettings, type SourceBlock } from "#pkg/processor";
import { columnFrom, type Column } from "#pkg/rowset";
import { completeScript, readScript } from "#pkg/script/reading";
import type { FieldType } from "#pkg/value";

const { values: flags } = parseArgs({ options: { rows: { type: "string", default: "1000000" } } });
const BLOCK = 16_384;
const PAGE_ROWS = 1000;
const CODE =
  "def net(price, qty):\n    return price * qty * 0.8\n\ndef label(s, n):\n    return s + str(n)\n";
const SOURCE = { id: "int", qty: "int", price: "decimal2", sku: "string" } as const;
const field = (expression: string, type: string) => ({ expression, type });

const CASES: Readonly<Record<string, Readonly<Record<string, readonly [string, FieldType]>>>> = {
  "one decimal": { net: ["net(r.price, r.qty)", "decimal2"] },
  "one text": { label: ["label(r.sku, r.id)", "string"] },
  both: { net: ["net(r.price, r.qty)", "decimal2"], label: ["label(r.sku, r.id)", "string"] },
};

function processorOf(formulas: (typeof CASES)[string]) {
  const fields = Object.entries(SOURCE).map(([name, type]) => [
    name,
    field(type === "int" ? "r.c" : `${type}(r.c)`, type),
  ]);
  const columns = { c: { csv: { col_hdr: "c" }, col_type: "int" } };
  const calculated = Object.entries(formulas).map(([name, [text, type]]) => [
    name,
    field(text, type),
  ]);
  const nodes = {
    read: {
      type: "file_table",
      r: { urls: ["a.csv"], csv: {}, columns },
      w: { name: "t", fields: Object.fromEntries(fields) as object },
    },
    calc: {
      type: "table_custom_tfm_table",
      custom_proc_type: "py_calc",
      r: { table: "t" },
      p: {
        python_code_urls: ["code.py"],
        calculated_fields: Object.fromEntries(calculated) as object,
      },
      w: { name: "u", fields: {} },
    },
  };
  const policies = { p: { is_default: true, event_priority_order: "run_id", rules: [] } };
  const text = JSON.stringify({ nodes, dependency_policies: policies });
  const { script } = readScript({ file: "s.json", text });
  const node = completeScript(script, new Map([["code.py", CODE]])).script.nodes[1];
  if (node?.kind !== "table_custom_tfm_table") throw new Error("no custom node");
  return node.processor;
}

const numbers = Array.from({ length: BLOCK }, (_, at) => BigInt(at));
const columns = new Map<string, Column>([
  ["id", columnFrom("int", numbers)],
  ["qty", columnFrom("int", numbers)],
  [
    "price",
    columnFrom(
      "decimal2",
      numbers.map((digits) => ({ digits, scale: 2 })),
    ),
  ],
  [
    "sku",
    columnFrom(
      "string",
      numbers.map((n) => `sku-${n % 10_000n}`),
    ),
  ],
]);

async function* blocks(rows: number): AsyncGenerator<SourceBlock> {
  for (let from = 0; from < rows; from += BLOCK)
    yield await Promise.resolve({ from, rowset: { rows: BLOCK, columns } });
}

await using processors = openProcessors({ python: pythonSettings({}, process.env) });
for (const [name, formulas] of Object.entries(CASES)) {
  await using processor = await processors.open({
    node: "calc",
    processor: processorOf(formulas),
    source: new Map<string, FieldType>(Object.entries(SOURCE)),
    pageRows: PAGE_ROWS,
    checkpoint: () => undefined,
  });
  let rows = 0;
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  for await (const { count } of processor.process(blocks(Number(flags.rows)))) rows += count;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (time: number): string => Math.round(rows / time).toLocaleString("en");
  console.log(
    `py_calc ${name.padEnd(12)} ${rate(seconds)} rows/s, ${rate((user + system) / 1e6)} rows per processor second of the thread`,
  );
}
