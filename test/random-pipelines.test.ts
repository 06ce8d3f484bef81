import { expect, test } from "vitest";
import { ScriptRun, type RunOptions } from "../pkg/engine/test-support/run-script.ts";
import { expectedResult, nodesOf, randomPipeline, type Result } from "./support/random/pipeline.ts";
import { Random } from "./support/random/random.ts";
import { randomConstants, randomMemory } from "./support/random/settings.ts";
import type { Pipeline } from "./support/random/tables.ts";

/** Pipelines that are tried: a few on every run, 10,000 by CAPI_PIPELINES=10000; CAPI_PIPELINES_FROM is the first seed. */
const PIPELINES = Number(process.env["CAPI_PIPELINES"] ?? 40);
const FROM = Number(process.env["CAPI_PIPELINES_FROM"] ?? 0);
const VARIANTS = 3;
const TIMEOUT = Math.max(120_000, PIPELINES * 1000);

function randomOptions(random: Random): RunOptions {
  const isShuffled = random.chance(50);
  return {
    memory: randomMemory(random),
    constants: randomConstants(random),
    order: (units) => (isShuffled ? random.some(units, units.length) : units.toReversed()),
  };
}

/** Files by name; the code of the fault instead when a unit fails. */
async function filesOf(pipeline: Pipeline, options: RunOptions): Promise<Result["files"] | string> {
  const inputs = pipeline.inputs.map(({ name, text }) => [`in/${name}`, text] as const);
  const run = new ScriptRun(Object.fromEntries(inputs), options);
  const nodes = nodesOf(pipeline, { input: "in", output: "out" });
  for (const node of Object.values(nodes))
    delete (node as { dependency_policy?: string }).dependency_policy;
  try {
    await run.run(nodes);
  } catch (error) {
    return String((error as { code?: string }).code);
  }
  return Object.fromEntries([...run.files.finished].map(([url, text]) => [url.slice(4), text]));
}

test(
  `P2: ${PIPELINES} random pipelines give what plain loops give, whatever chunks, ranges, plans, memory and order of units`,
  async () => {
    for (let seed = FROM; seed < FROM + PIPELINES; seed += 1) {
      const pipeline = randomPipeline(seed);
      const { nodes, files } = expectedResult(pipeline);
      const isGood = Object.values(nodes).every((state) => state === "success");
      const random = new Random(seed);
      for (let variant = 0; variant < VARIANTS; variant += 1) {
        const options = variant === 0 ? {} : randomOptions(random);
        const found = await filesOf(pipeline, options);
        const about = `seed ${seed}, ${JSON.stringify(options)}`;
        // Nobody goes on after a failed node here: test/integration/random-pipelines has the states of nodes.
        if (isGood) expect(found, about).toEqual(files);
        else expect(found, about).toBeTypeOf("string");
      }
    }
  },
  TIMEOUT,
);
