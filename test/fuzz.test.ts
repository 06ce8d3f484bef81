import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { duckFile } from "../pkg/formats/parquet/test-support/duck.ts";
import { root } from "./support/cli.ts";
import { attemptOf, KINDS, type Kind, type ScriptSeed, type Seeds } from "./support/fuzz/kinds.ts";
import { unchanged } from "./support/fuzz/mutate.ts";
import type { FuzzOrder, FuzzResult } from "./support/fuzz/worker.ts";

/** Inputs of all kinds together: a few on every run, 20,000 by CAPI_FUZZ=20000. */
const INPUTS = Number(process.env["CAPI_FUZZ"] ?? 1200);
const FROM = Number(process.env["CAPI_FUZZ_FROM"] ?? 0);
const SEED = 20_261_126;
const HANGS_AFTER_MS = 20_000;

/** Scripts of the examples with their parameters. */
function scripts(end: "json" | "yaml"): readonly ScriptSeed[] {
  const folders = readdirSync(join(root, "examples"));
  return folders.flatMap((folder): readonly ScriptSeed[] => {
    const at = (name: string): string => join(root, "examples", folder, `${name}.${end}`);
    if (!existsSync(at("script"))) return [];
    const text = readFileSync(at("script"), "utf8");
    const hasParameters = existsSync(at("params"));
    if (!hasParameters) return [{ text }];
    return [{ text, parameters: [`params.${end}`, readFileSync(at("params"), "utf8")] }];
  });
}

async function seedsOf(): Promise<Seeds> {
  const columns =
    "i as id, (i * 1.25)::decimal(18,2) as sum, i / 3.0 as ratio, i % 2 = 0 as ok, timestamp '2024-02-03' + interval (i) hour as at, 'name ' || (i % 9) as who, [i] as more";
  const query = `select ${columns} from range(300) t(i)`;
  const kinds = ["snappy", "gzip", "zstd", "brotli", "lz4_raw", "uncompressed"];
  const files = await Promise.all(
    kinds.map((codec, at) =>
      duckFile(query, `, codec ${codec}, row_group_size 128, parquet_version v${1 + (at % 2)}`),
    ),
  );
  return {
    parquet: files,
    json: scripts("json"),
    yaml: scripts("yaml"),
  };
}

/** In a thread of its own, so that a crash, a hang and growth are seen as what they are. */
async function fuzz(kind: Kind, rounds: number): Promise<FuzzResult> {
  const progress = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  const order: FuzzOrder = { kind, seed: SEED, from: FROM, rounds, seeds: await seeds, progress };
  const worker = new Worker(new URL("support/fuzz/worker.ts", import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: 300 },
  });
  let last = -2;
  const watch = setInterval(() => {
    const now = Atomics.load(progress, 0);
    if (now === last) void worker.terminate();
    last = now;
  }, HANGS_AFTER_MS);
  try {
    const [found] = (await Promise.race([
      once(worker, "message"),
      once(worker, "exit").then(() => [undefined]),
    ])) as [FuzzResult | undefined];
    if (found === undefined) throw new Error(`${kind} hangs in round ${Atomics.load(progress, 0)}`);
    return found;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

const seeds = seedsOf();

test.each(KINDS)("what mutations begin with can be read: %s", async (kind) => {
  const attempt = attemptOf[kind](await seeds);
  for (let round = 0; round < 8; round++)
    await attempt(
      (below) => (below > 8 ? below - 1 : Math.max(0, below - 1 - (round % 3))),
      unchanged,
    );
});

test.each(KINDS)(
  "mutated inputs give a result or a Fault, never a crash, a hang or growth: %s",
  async (kind) => {
    const rounds = Math.ceil(INPUTS / KINDS.length);
    const before = process.memoryUsage().rss;
    const { defects, faults, slowestMs } = await fuzz(kind, rounds);
    expect(defects.join("\n\n")).toBe("");
    // Most changes are noticed, some make no difference.
    expect(faults).toBeGreaterThan(rounds * 0.2);
    expect(faults).toBeLessThan(rounds);
    expect(slowestMs).toBeLessThan(HANGS_AFTER_MS / 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 * 1024);
  },
  60_000 + INPUTS * 30,
);
