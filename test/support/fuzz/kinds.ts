import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  encodeText,
  openText,
  readCsv,
  readNdjson,
  scanCsvRanges,
  scanNdjsonRanges,
} from "#pkg/formats";
import { readParquet } from "#pkg/formats/parquet";
import type { ProcessorCatalogue } from "#pkg/script";
import { completeScript, processorFiles, readScript } from "#pkg/script/reading";
import { FIELD_TYPES, type FieldType } from "#pkg/value";
import { memoryFile } from "../../../pkg/formats/memory-file.ts";
import { fileOf, readerOf } from "../../../pkg/formats/parquet/test-support/read-all.ts";
import { oneOf, type Json, type Mutation, type Random } from "./mutate.ts";

/** What mutations begin with, by name. */
export interface Seeds {
  readonly parquet: readonly Uint8Array[];
  /** Scripts of the examples. */
  readonly json: readonly ScriptSeed[];
  readonly yaml: readonly ScriptSeed[];
}

export interface ScriptSeed {
  readonly text: string;
  /** File of the parameters, and their text. */
  readonly parameters?: readonly [string, string] | undefined;
}

export const KINDS = ["csv", "ndjson", "parquet", "json", "yaml", "processor"] as const;
export type Kind = (typeof KINDS)[number];

/** Makes one mutated input and has it read; what it throws must be a Fault. */
export type Attempt = (random: Random, mutation: Mutation) => Promise<void>;

const place = { url: "fuzzed", node: "read" };
const NAMES = ["id", "sum", "ratio", "ok", "at", "who", "more"] as const;
const TYPES: readonly FieldType[] = [
  "int",
  "decimal2",
  "float",
  "bool",
  "datetime",
  "string",
  "string",
];
const LAYOUT = "2006-01-02T15:04:05.999999999Z07:00";

const columnsOf = (random: Random) =>
  NAMES.map((name, index) => {
    const type = random(12) === 0 ? oneOf(random, FIELD_TYPES) : (TYPES[index] as FieldType);
    const format = type === "datetime" ? LAYOUT : random(6) === 0 ? "%d" : "";
    return { name, header: name, index, type, format, defaultText: random(9) === 0 ? "0" : "" };
  });

const CSV = [
  NAMES.join(","),
  ...Array.from({ length: 40 }, (_, row) =>
    row % 7 === 3
      ? `"${row}","${row}.5",1e${row},true,2024-02-${10 + (row % 19)}T03:04:05.67Z,"a ""q"",\nü${row}",${row}`
      : `${row},-${row}.25,${row / 3},F,1970-01-01T00:00:00+02:00,name ${row},9007199254740993`,
  ),
  "",
].join("\r\n");

const NDJSON = Array.from(
  { length: 40 },
  (_, row) =>
    `{"id":${row},"sum":${row}.25,"ratio":-1.5e-${row},"ok":${row % 2 === 0},"at":"2024-02-03T04:05:06Z","who":"\\u00e9 \\"${row}\\" ü","more":${row % 5 === 0 ? '[1,{"a":null}]' : "7"}}\n`,
).join("");

/** A text in the encodings and packings that files come in. */
function variants(text: string): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  const marked = Buffer.concat([Buffer.from("\ufeff"), bytes]);
  const wide = encodeText(marked, "utf-16le", place);
  return [bytes, bytes, bytes, marked, wide, gzipSync(bytes), gzipSync(wide)];
}

const blockBytes = (random: Random): number => oneOf(random, [64, 300, 5000, 2 * 1024 * 1024]);
const charsetOf = (random: Random) =>
  oneOf(random, ["utf-16be", "latin1", undefined, undefined, undefined] as const);

async function drain(blocks: AsyncIterable<{ readonly rows: number }>): Promise<void> {
  for await (const block of blocks) if (block.rows < 0) throw new Error("negative rows");
}

function csv(): Attempt {
  const sources = variants(CSV);
  return async (random, mutation) => {
    const file = memoryFile(mutation.bytes(oneOf(random, sources), random));
    const reader = {
      separator: random(8) === 0 ? oneOf(random, [";", "\t", "|", " ", '"', "\n", ""]) : ",",
      headerIndex: random(8) === 0 ? random(5) - 1 : 0,
      firstDataIndex: random(8) === 0 ? random(5) : 1,
      byHeader: random(3) > 0,
      columns: columnsOf(random),
    };
    const sequential = random(2) === 0;
    await using text = await openText({ ...place, file, sequential, charset: charsetOf(random) });
    if (text.isPlain && random(3) === 0) {
      const ranges = await scanCsvRanges(file, reader, 500, place);
      for (const range of ranges) await drain(readCsv({ ...place, file, reader, range }));
      return;
    }
    const scanner = oneOf(random, ["generated", "closures"] as const);
    const badRecords =
      random(2) === 0
        ? {}
        : {
            badRecords: {
              knows: () => true,
              learn: () => Promise.resolve(),
              corrected: () => undefined,
              reject: () => undefined,
            },
          };
    const options = { blockBytes: blockBytes(random), scanner, ...badRecords };
    await drain(readCsv({ ...place, file: text.file, reader, ...options }));
  };
}

function ndjson(): Attempt {
  const sources = variants(NDJSON);
  return async (random, mutation) => {
    const file = memoryFile(mutation.bytes(oneOf(random, sources), random));
    const reader = { columns: columnsOf(random) };
    await using text = await openText({ ...place, file, sequential: random(2) === 0 });
    if (text.isPlain && random(4) === 0) await scanNdjsonRanges(file, 500);
    const options = { blockBytes: blockBytes(random) };
    await drain(readNdjson({ ...place, file: text.file, reader, ...options }));
  };
}

function parquet({ parquet: sources }: Seeds): Attempt {
  return async (random, mutation) => {
    const bytes = mutation.bytes(oneOf(random, sources), random);
    const columns = columnsOf(random).filter(({ name }) => name !== "more" && random(4) > 0);
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    await drain(readParquet({ ...place, file: fileOf(bytes), reader: readerOf(types) }));
  };
}

const PYTHON = "def f(n):\n    return n\n";
const textOf = (url: string): string => (url.endsWith(".py") ? PYTHON : '{"a":"r.n > 1"}');

function read(file: string, text: string, parameters?: readonly [string, string]): void {
  const named = parameters === undefined ? undefined : { file: parameters[0], text: parameters[1] };
  const { script } = readScript({ file, text }, named, {}, CATALOGUE);
  completeScript(script, new Map(processorFiles(script).map((url) => [url, textOf(url)])));
}

const CATALOGUE: ProcessorCatalogue = new Map([
  [
    "vat",
    {
      name: "vat",
      sha256: createHash("sha256").digest("hex"),
      check: () => [],
      describe: () => ({
        sourceFields: ["country", "net"],
        outputs: new Map<string, FieldType>([
          ["rate", "int"],
          ["gross", "decimal2"],
        ]),
      }),
    },
  ],
]);

const NO_FILE = ["params.json", '{"dir_in":"in","dir_out":"out"}'] as const;

/** Half of the scripts differ in their text, half in what they say. */
function json({ json: sources }: Seeds): Attempt {
  return (random, mutation) => {
    const { text, parameters: [file, written] = NO_FILE } = oneOf(random, sources);
    const changesValues = random(5) === 0;
    const parameters = changesValues
      ? mutation.bytes(Buffer.from(written), random).toString()
      : written;
    const script =
      random(2) === 0
        ? mutation.bytes(Buffer.from(text), random).toString()
        : JSON.stringify(mutation.tree(JSON.parse(text) as Json, random));
    return Promise.resolve().then(() => read("script.json", script, [file, parameters]));
  };
}

function yaml({ yaml: sources }: Seeds): Attempt {
  return (random, mutation) => {
    const { text, parameters } = oneOf(random, sources);
    const script = mutation.bytes(Buffer.from(text), random).toString();
    return Promise.resolve().then(() => read("script.yaml", script, parameters));
  };
}

/** Settings of the built-in processors and of a module, and of the fields around them. */
function processor(): Attempt {
  const field = (expression: string, type: string) => ({ expression, type });
  const custom = (type: string, p: object, output: object) => ({
    type: "table_custom_tfm_table",
    custom_proc_type: type,
    r: { table: "t", rowset_size: 10, expected_batches_total: 2 },
    p,
    w: { name: "made", fields: { n: field("r.n", "int"), out: output } },
  });
  const nodes = [
    custom(
      "py_calc",
      {
        python_code_urls: ["a.py"],
        calculated_fields: { out: field("f(r.n) + 1", "int"), two: field("f(r.out)", "string") },
      },
      field("p.out", "int"),
    ),
    custom(
      "tag_and_denormalize",
      { tag_field_name: "tag", tag_criteria: { a: "r.n > 1", b: 're.MatchString("a+", r.s)' } },
      field("p.tag", "string"),
    ),
    custom(
      "tag_and_denormalize",
      { tag_field_name: "tag", tag_criteria_url: "c.json" },
      field("p.tag", "string"),
    ),
    custom("vat", { rates: { DE: ["19"] } }, field("p.rate", "int")),
  ];
  return (random, mutation) => {
    const node = mutation.tree(oneOf(random, nodes) as Json, random);
    const script = {
      nodes: {
        read: {
          type: "file_table",
          r: {
            urls: ["a.csv"],
            csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
            columns: {
              n: { csv: { col_hdr: "n" }, col_type: "int" },
              s: { csv: { col_hdr: "s" }, col_type: "string" },
              country: { csv: { col_hdr: "c" }, col_type: "string" },
              net: { csv: { col_hdr: "net" }, col_type: "decimal2" },
            },
          },
          w: {
            name: "t",
            fields: {
              n: field("r.n", "int"),
              s: field("r.s", "string"),
              country: field("r.country", "string"),
              net: field("r.net", "decimal2"),
            },
          },
        },
        calc: node,
      },
      dependency_policies: {
        p: {
          is_default: true,
          event_priority_order: "run_is_current(desc),run_id(desc)",
          rules: [{ cmd: "go", expression: "nrs.node_status == wfmodel.NodeBatchSuccess" }],
        },
      },
    };
    return Promise.resolve().then(() => read("script.json", JSON.stringify(script)));
  };
}

export const attemptOf: Readonly<Record<Kind, (seeds: Seeds) => Attempt>> = {
  csv,
  ndjson,
  parquet,
  json,
  yaml,
  processor,
};
