import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cli, startCli } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { MEDIUM_ORDERS, stageMediumOrders } from "../support/medium-orders.ts";
import { testWithShared } from "../support/shared.ts";

/** The full series is CAPI_KILLS=100. */
const KILLS = Number(process.env["CAPI_KILLS"] ?? 12);
const RESUMES = 5;

testWithShared(MEDIUM_ORDERS)(
  `P3, P9: after kill -9 at ${KILLS} moments resume gives the same files and leaves nothing behind`,
  async () => {
    const folder = temporaryFolder("kill");
    const medium = stageMediumOrders(folder);
    const undisturbed = join(folder, "undisturbed");
    mkdirSync(undisturbed);
    const started = performance.now();
    expect((await cli(medium.run(undisturbed, join(folder, "data")))).code).toBe(0);
    const wholeMs = performance.now() - started;
    const expected = contentsOf(undisturbed);
    for (let kill = 0; kill < KILLS; kill++) {
      const out = join(folder, `out-${kill}`);
      const data = join(folder, `data-${kill}`);
      mkdirSync(out);
      await killAt(medium.run(out, data), (wholeMs * (kill + 0.5)) / KILLS);
      await resumeUntilDone(medium.run(out, data), data);
      expect(contentsOf(out), `kill ${kill}`).toEqual(expected);
      expect(readdirSync(out).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    }
  },
  Math.max(240_000, KILLS * 15_000),
);

/** Starts the program and kills it after the time, or lets it end when it is quicker. */
async function killAt(args: readonly string[], ms: number): Promise<void> {
  const { child, ended } = startCli(args);
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  await ended;
  clearTimeout(timer);
}

async function resumeUntilDone(run: readonly string[], data: string): Promise<void> {
  for (let attempt = 0; attempt < RESUMES; attempt++) {
    const { code, stderr } = await cli(["resume", "--keyspace", "medium", "--data", data]);
    if (code === 0) return;
    // Killed before the run was visible: nothing to resume. Killed after its end: nothing to resume either.
    if (code === 2 || /data folder .* cannot be used/.test(stderr)) {
      const status = await cli(["status", "--keyspace", "medium", "--data", data, "--json"]);
      if (status.code === 0 && /"state":"complete"/.test(status.stdout)) return;
      const again = await cli(run);
      expect(again.code, again.stderr).toBe(0);
      return;
    }
    expect(code, stderr).toBe(0);
  }
}
