import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { column, csvLines, field, output } from "./script-parts.ts";

export interface PythonOptions {
  readonly code: string;
  readonly rows: number;
  readonly batches?: number;
  readonly pageRows?: number;
}

export interface PythonPipeline {
  readonly out: string;
  readonly data: string;
  /** Arguments of `capitoolbelt run`. */
  readonly run: readonly string[];
}

/** Reads numbers, computes `f(r.n)` in Python, tags the rows, writes both: a script with every built-in processor. */
export function pythonPipeline(folder: string, options: PythonOptions): PythonPipeline {
  const { code, rows, batches = 4, pageRows = 100 } = options;
  const [out, data] = [join(folder, "out"), join(folder, "data")];
  mkdirSync(out);
  writeFileSync(join(folder, "code.py"), code);
  const lines = Array.from({ length: rows }, (_, n) => `${n},text ${n % 7}\n`);
  writeFileSync(join(folder, "in.csv"), `n,s\n${lines.join("")}`);
  const nodes = {
    read: {
      type: "file_table",
      r: {
        urls: [join(folder, "in.csv")],
        csv: csvLines,
        columns: {
          n: column("n", "int"),
          s: column("s", "string"),
        },
      },
      w: { name: "numbers", fields: { n: field("r.n", "int"), s: field("r.s", "string") } },
    },
    calc: {
      type: "table_custom_tfm_table",
      custom_proc_type: "py_calc",
      r: { table: "numbers", expected_batches_total: batches, rowset_size: pageRows },
      p: {
        python_code_urls: [join(folder, "code.py")],
        calculated_fields: { out: field("f(r.n)", "int"), label: field("label(r.s)", "string") },
      },
      w: {
        name: "calculated",
        fields: {
          n: field("r.n", "int"),
          out: field("p.out", "int"),
          label: field("p.label", "string"),
        },
      },
    },
    tag: {
      type: "table_custom_tfm_table",
      custom_proc_type: "tag_and_denormalize",
      r: { table: "calculated", expected_batches_total: batches },
      p: { tag_field_name: "tag", tag_criteria: { all: "true", third: "r.n % 3 == 0" } },
      w: {
        name: "tagged",
        fields: {
          tag: field("p.tag", "string"),
          n: field("r.n", "int"),
          out: field("r.out", "int"),
        },
      },
    },
    write: {
      type: "table_file",
      r: { table: "calculated" },
      w: {
        url_template: join(out, "calculated.csv"),
        columns: [
          output("n", "int", "%d"),
          output("out", "int", "%d"),
          output("label", "string", "%s"),
        ],
      },
    },
    write_tags: {
      type: "table_file",
      r: { table: "tagged" },
      w: {
        url_template: join(out, "tagged.csv"),
        columns: [
          output("tag", "string", "%s"),
          output("n", "int", "%d"),
          output("out", "int", "%d"),
        ],
      },
    },
  };
  const policies = {
    p: {
      is_default: true,
      event_priority_order: "run_is_current(desc),run_id(desc)",
      rules: [
        { cmd: "go", expression: "nrs.node_status == wfmodel.NodeBatchSuccess" },
        { cmd: "nogo", expression: "nrs.node_status == wfmodel.NodeBatchFail" },
        { cmd: "wait", expression: "nrs.node_status <= wfmodel.NodeBatchStart" },
      ],
    },
  };
  writeFileSync(
    join(folder, "script.json"),
    JSON.stringify({ nodes, dependency_policies: policies }),
  );
  const run = ["run", join(folder, "script.json"), "--keyspace", "python", "--data", data];
  return { out, data, run };
}
