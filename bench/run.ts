// npm run bench -- [--size S|M|L] [--job j1|j3]… [--repeat n] [--only capillaries,duckdb,plain]
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generate, SIZES, type Size } from "./generate.ts";
import { measure, spread, type Sample } from "./measure.ts";
import { digest, OUTPUTS, RIGHT, type Job } from "./verify.ts";

const { values: flags } = parseArgs({
  options: {
    size: { type: "string", default: "M" },
    job: { type: "string", multiple: true, default: ["j1", "j3"] },
    repeat: { type: "string", default: "5" },
    only: { type: "string", default: "capillaries,duckdb,plain" },
    memory: { type: "string", default: "512" },
  },
});
const size = flags.size as Size;
if (!(size in SIZES)) throw new Error(`--size is one of ${Object.keys(SIZES).join(", ")}`);

const here = import.meta.dirname;
const main = join(here, "..", "dist", "toolbelt", "main.js");
const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
const input = join(tmpdir(), `capillaries-bench-data-${size}`);

const engines: Readonly<Record<string, (job: Job, output: string) => readonly string[]>> = {
  capillaries: (job, output) => [
    process.execPath,
    main,
    "run",
    join(here, "jobs", `${job}.json`),
    "--params",
    join(work, "params.json"),
    "--param",
    `dir_out=${output}`,
    "--data",
    `${output}.data`,
    "--memory",
    flags.memory,
  ],
  duckdb: (job, output) => [
    process.execPath,
    join(here, "competitors", "duckdb.mjs"),
    job,
    input,
    output,
  ],
  plain: (job, output) => [
    process.execPath,
    "--max-old-space-size=8192",
    join(here, "competitors", "plain-node.mjs"),
    job,
    input,
    output,
  ],
};

async function sample(engine: string, job: Job): Promise<Sample> {
  const output = join(work, `${engine}-${job}`);
  rmSync(output, { recursive: true, force: true });
  rmSync(`${output}.data`, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const command = engines[engine];
  if (command === undefined) throw new Error(`no engine ${engine}`);
  return measure(command(job, output));
}

async function verify(engine: string, job: Job): Promise<readonly string[]> {
  const digests = await digest(job, join(work, `${engine}-${job}`));
  for (const [at, { check }] of digests.entries()) {
    const expected = RIGHT[job][size][at];
    const name = OUTPUTS[job][at]?.name;
    if (check !== expected)
      throw new Error(`${engine} ${job} ${name}: ${check}, expected ${expected}`);
  }
  return digests.map(({ hash }) => hash);
}

const fixed = (value: number, digits = 2): string => value.toFixed(digits);

async function compare(job: Job): Promise<void> {
  const names = flags.only.split(",");
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
  for (let round = 0; round < Number(flags.repeat); round++)
    for (const name of names) samples.get(name)?.push(await sample(name, job));
  const contents = new Set<string>();
  for (const name of names) contents.add((await verify(name, job)).join(" "));
  if (contents.size > 1) console.log(`${job}: CONTENTS DIFFER between ${names.join(", ")}`);
  const best = (name: string): number =>
    spread((samples.get(name) ?? []).map((one) => one.seconds)).min;
  for (const name of names) {
    const list = samples.get(name) ?? [];
    const time = spread(list.map((one) => one.seconds));
    const peak = Math.max(...list.map((one) => one.peakMb));
    const ratio = names.includes("duckdb") ? ` ${fixed(best(name) / best("duckdb"))}x DuckDB` : "";
    console.log(
      `${job} ${size} ${name.padEnd(12)} ${fixed(time.min)} / ${fixed(time.median)} / ${fixed(time.max)} s  peak ${fixed(peak, 0)} MB ${ratio}`,
    );
  }
}

try {
  if (flags.only.includes("capillaries") && !existsSync(main))
    throw new Error("dist is missing: npm run build first");
  if (!existsSync(input)) generate(size, input);
  writeFileSync(join(work, "params.json"), JSON.stringify({ dir_in: input, batches: 8 }));
  console.log("whole process; min / median / max; ratios of the best runs");
  for (const job of flags.job as Job[]) await compare(job);
} finally {
  rmSync(work, { recursive: true, force: true });
}
