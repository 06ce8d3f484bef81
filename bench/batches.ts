// npm run bench:batches [-- --rows n,n --batches n,n --workers n --threads n --rounds n]: what a batch costs beside its rows. The
// same rows are copied in few and in many batches by capidaemon workers on the Cassandra and RabbitMQ of CAPI_TEST_SERVICES.
// Needs a build.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newestFirst } from "#pkg/draft";
import { program, startClusterWorkers } from "./cluster-workers.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "20000,1000000,3000000" },
    batches: { type: "string", default: "100,1000" },
    workers: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "6" },
  },
});
const numbers = (text: string): readonly number[] => text.split(",").map(Number);
const counts = numbers(flags.batches);
using cluster = await startClusterWorkers(flags);
const { work, env } = cluster;

const field = (expression: string) => ({ expression, type: "int" });

function scriptOf(file: string): object {
  const copies = counts.map((count) => [
    `copy_${count}`,
    {
      type: "table_table",
      start_policy: "manual",
      r: { table: "rows", expected_batches_total: count },
      w: { name: `copied_${count}`, fields: { id: field("r.id"), value: field("r.value + 1") } },
    },
  ]);
  const column = (name: string) => ({ csv: { col_hdr: name }, col_type: "int" });
  const read = {
    type: "file_table",
    r: {
      urls: [file],
      csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
      columns: { col_id: column("id"), col_value: column("value") },
    },
    w: { name: "rows", fields: { id: field("r.col_id"), value: field("r.col_value") } },
  };
  return {
    nodes: { read, ...(Object.fromEntries(copies) as object) },
    dependency_policies: { newest_first: newestFirst },
  };
}

function writeRows(file: string, rows: number): void {
  const out = openSync(file, "w");
  writeSync(out, "id,value\n");
  for (let from = 0; from < rows; from += 50_000) {
    const lines = Array.from(
      { length: Math.min(50_000, rows - from) },
      (_, at) => `${from + at},${(from + at) % 97}\n`,
    );
    writeSync(out, lines.join(""));
  }
  closeSync(out);
}

interface Report {
  readonly nodes: readonly { readonly node: string; readonly elapsedMs: number }[];
}

/** Milliseconds that the node took. */
function run(script: string, keyspace: string, node: string): number {
  const args = ["run", script, "--keyspace", keyspace, "--start", node, "--cluster", "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program("toolbelt"), ...args], {
    cwd: work,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const { nodes } = JSON.parse(stdout) as Report;
  return nodes.find((each) => each.node === node)?.elapsedMs ?? Number.NaN;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The same rows in every number of batches, in turns. */
function compare(rows: number): void {
  const file = join(work, `rows-${rows}.csv`);
  writeRows(file, rows);
  const script = join(work, `script-${rows}.json`);
  writeFileSync(script, JSON.stringify(scriptOf(file)));
  const keyspace = `rows_${rows}`;
  run(script, keyspace, "read");
  const elapsed = new Map<number, number[]>(counts.map((count) => [count, []]));
  for (let round = 0; round < Number(flags.rounds); round += 1)
    for (const [count, times] of elapsed) times.push(run(script, keyspace, `copy_${count}`));
  for (const [count, times] of elapsed)
    console.log(`${rows} rows in ${count} batches: ${times.join(", ")} ms`);
  const [few, many] = [Math.min(...counts), Math.max(...counts)];
  const least = (times: readonly number[]): number => Math.min(...times);
  for (const [what, of] of Object.entries({ median, least })) {
    const base = of(elapsed.get(few) ?? []);
    const more = of(elapsed.get(many) ?? []) - base;
    const each = (more / (many - few)).toFixed(2);
    const share = ((more / base) * 100).toFixed(0);
    console.log(
      `${rows} rows, ${what}: a batch more costs ${each} ms, ${many} batches ${share} % more than ${few}`,
    );
  }
  rmSync(file);
}

for (const rows of numbers(flags.rows)) compare(rows);
