import { expect, test } from "vitest";
import { memoryFolder } from "../support/folders.ts";
import { expectedResult, randomPipeline } from "../support/random/pipeline.ts";
import { Random } from "../support/random/random.ts";
import { randomConstants, randomMemory } from "../support/random/settings.ts";
import { openRandomWorld, type Setting } from "../support/random/world.ts";

/** Pipelines that are tried: a few on every run, 1,000 by CAPI_PIPELINES=1000; CAPI_PIPELINES_FROM is the first seed. */
const PIPELINES = Number(process.env["CAPI_PIPELINES"] ?? 12);
const FROM = Number(process.env["CAPI_PIPELINES_FROM"] ?? 0);
const TIMEOUT = Math.max(240_000, PIPELINES * 10_000);

/** A process that dies at a random call of a port, another one that goes on, one run for each node, several units at once. */
function randomSettings(random: Random, calls: number): readonly Setting[] {
  const plan = (): Setting => ({
    constants: randomConstants(random),
    memory: randomMemory(random),
    threads: random.pick([1, 2, 4]),
  });
  const death = (mode: "before" | "after"): Setting => ({
    ...plan(),
    death: { at: random.whole(1, calls), mode },
  });
  return [
    plan(),
    death("before"),
    death("after"),
    { ...plan(), isEachAlone: true },
    { ...death(random.pick(["before", "after"])), isEachAlone: true },
  ];
}

test(
  `P2, P3: ${PIPELINES} random pipelines give what plain loops give, whatever plans, threads, runs and deaths`,
  async () => {
    await using world = await openRandomWorld(memoryFolder("random"));
    for (let seed = FROM; seed < FROM + PIPELINES; seed += 1) {
      const pipeline = randomPipeline(seed);
      const expected = expectedResult(pipeline);
      const { calls, ...found } = await world.run(pipeline, {});
      expect(found, `seed ${seed}`).toEqual(expected);
      for (const setting of randomSettings(new Random(seed), calls)) {
        const { calls: _, ...again } = await world.run(pipeline, setting);
        expect(again, `seed ${seed}, ${JSON.stringify(setting)}`).toEqual(expected);
      }
    }
  },
  TIMEOUT,
);
