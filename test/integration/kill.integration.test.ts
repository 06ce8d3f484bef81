import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cli, startCli } from "../support/cli.ts";
import { failMediumOrders } from "../support/failed-medium-orders.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { MEDIUM_ORDERS, stageMediumOrders } from "../support/medium-orders.ts";
import { testWithShared } from "../support/shared.ts";

/** The full series is CAPI_KILLS=100. */
const KILLS = Number(process.env["CAPI_KILLS"] ?? 12);
const RESUMES = 5;
const LONGEST_MS = Math.max(240_000, KILLS * 15_000);

testWithShared(MEDIUM_ORDERS)(
  `P3, P9: after kill -9 at ${KILLS} moments resume gives the same files and leaves nothing behind`,
  async () => {
    const folder = temporaryFolder("kill");
    const medium = stageMediumOrders(folder);
    const { expected, wholeMs } = await undisturbed(folder);
    for (let kill = 0; kill < KILLS; kill++) {
      const out = join(folder, `out-${kill}`);
      const data = join(folder, `data-${kill}`);
      mkdirSync(out);
      await killAt(medium.run(out, data), (wholeMs * (kill + 0.5)) / KILLS);
      await resumeUntilDone(medium.run(out, data), data, 1);
      expectWhole(out, expected, `kill ${kill}`);
    }
  },
  LONGEST_MS,
);

testWithShared(MEDIUM_ORDERS)(
  `P3, P9: after kill -9 at ${KILLS} moments of a retry resume gives the files of an undisturbed run and leaves nothing behind`,
  async () => {
    const folder = temporaryFolder("kill-retry");
    const { expected } = await undisturbed(folder);
    const failures = await failMediumOrders(folder);
    for (const { name, out, data, retry, restore } of failures) {
      const started = performance.now();
      expect((await cli(retry)).code, name).toBe(0);
      const wholeMs = performance.now() - started;
      expectWhole(out, expected, name);
      const kills = Math.ceil(KILLS / failures.length);
      for (let kill = 0; kill < kills; kill++) {
        restore();
        await killAt(retry, (wholeMs * (kill + 0.5)) / kills);
        await resumeUntilDone(retry, data, 2);
        expectWhole(out, expected, `${name}, kill ${kill}`);
        const doctor = await cli(["doctor", "--data", data, "--json"]);
        expect(JSON.parse(doctor.stdout), `${name}, kill ${kill}`).toMatchObject({ findings: [] });
      }
    }
  },
  LONGEST_MS,
);

/** The files of a run that nobody disturbs, and how long it takes. */
async function undisturbed(
  folder: string,
): Promise<{ readonly expected: Record<string, string>; readonly wholeMs: number }> {
  const place = join(folder, "undisturbed");
  const out = join(place, "out");
  mkdirSync(out, { recursive: true });
  const medium = stageMediumOrders(place);
  const started = performance.now();
  expect((await cli(medium.run(out, join(place, "data")))).code).toBe(0);
  return { expected: contentsOf(out), wholeMs: performance.now() - started };
}

/** Every file of the folder counts, hidden and temporary ones too. */
function expectWhole(out: string, expected: Record<string, string>, moment: string): void {
  expect(contentsOf(out), moment).toEqual(expected);
  expect(readdirSync(out).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}

/** Starts the program and kills it after the time, or lets it end when it is quicker. */
async function killAt(args: readonly string[], ms: number): Promise<void> {
  const { child, ended } = startCli(args);
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  await ended;
  clearTimeout(timer);
}

/** `begin` makes the run of this number. */
async function resumeUntilDone(begin: readonly string[], data: string, run: number): Promise<void> {
  for (let attempt = 0; attempt < RESUMES; attempt++) {
    const { code, stderr } = await cli(["resume", "--keyspace", "medium", "--data", data]);
    if (code === 0) return;
    // Killed before the run was visible: nothing to resume. Killed after its end: nothing to resume either.
    if (code === 2 || /data folder .* cannot be used/.test(stderr)) {
      const status = await cli(["status", "--keyspace", "medium", "--data", data, "--json"]);
      if (status.code === 0 && isDone(status.stdout, run)) return;
      const again = await cli(begin);
      expect(again.code, again.stderr).toBe(0);
      return;
    }
    expect(code, stderr).toBe(0);
  }
}

const isDone = (report: string, run: number): boolean => {
  const { run: newest, state } = JSON.parse(report) as { run: number; state: string };
  return newest === run && state === "complete";
};
