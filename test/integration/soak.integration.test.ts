import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { connect } from "amqplib";
import { Client } from "cassandra-driver";
import { expect, test } from "vitest";
import { contentsOf } from "../support/folders.ts";
import { withService } from "../support/services.ts";
import { tinyPipeline } from "../support/tiny-pipeline.ts";
import { installation, type Worker } from "../support/workers.ts";

/** The long form is CAPI_SOAK_MINUTES=20. */
const MINUTES = Number(process.env["CAPI_SOAK_MINUTES"] ?? 0.5);
const WORKERS = 3;
/** Compiled code, caches and the heap settle in the first part. */
const WARM_UP = 0.4;
const MEGABYTE = 2 ** 20;

interface Footprint {
  readonly residentMb: number;
  readonly sockets: number;
}

function footprint(pid: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ""; // closed meanwhile
    }
  });
  const sockets = links.filter((link) => link.startsWith("socket:")).length;
  return { residentMb: Math.round((kilobytes * 1024) / MEGABYTE), sockets };
}

const footprints = (workers: readonly Worker[]): readonly Footprint[] =>
  workers.map(({ child }) => footprint(child.pid ?? 0));

withService("cassandra", ({ contactPoints, port, localDataCenter }) =>
  withService("rabbit", ({ url }) => {
    test(
      `${WORKERS} workers run and drop for ${MINUTES} minutes: memory stays flat, nothing is left behind`,
      async () => {
        const site = installation("soak");
        const client = new Client({
          contactPoints: [...contactPoints],
          localDataCenter,
          protocolOptions: { port },
        });
        const keyspaces = async (): Promise<readonly string[]> =>
          (await client.execute("SELECT keyspace_name FROM system_schema.keyspaces")).rows
            .map((row) => String(row["keyspace_name"]))
            .filter((name) => name.startsWith("soak_"));
        const workers = await Promise.all(
          Array.from({ length: WORKERS }, () => site.worker({ threads: 1 })),
        );
        const ends = performance.now() + MINUTES * 60_000;
        const warm = performance.now() + MINUTES * 60_000 * WARM_UP;
        let before: readonly Footprint[] | undefined;
        let rounds = 0;
        for (; performance.now() < ends; rounds += 1) {
          const tiny = tinyPipeline(join(site.folder, `r${rounds}`), { files: 4 });
          const keyspace = `soak_${rounds}`;
          const { code, stderr } = await site.toolbelt("run", tiny.script, "--keyspace", keyspace);
          expect(code, stderr).toBe(0);
          expect(Object.keys(contentsOf(tiny.out))).toHaveLength(1);
          expect((await site.toolbelt("drop", "--keyspace", keyspace)).code).toBe(0);
          if (performance.now() >= warm) before ??= footprints(workers);
        }
        const after = footprints(workers);
        console.log("rounds", rounds, "warm", before, "end", after);
        expect(rounds).toBeGreaterThan(2);
        for (const [at, { residentMb, sockets }] of after.entries()) {
          const { residentMb: was = 0, sockets: had = 0 } = before?.[at] ?? {};
          expect(residentMb).toBeLessThan(was * 1.2 + 40);
          expect(sockets).toBeLessThanOrEqual(had);
        }
        expect(await keyspaces()).toEqual([]);
        const broker = await connect(url);
        const channel = await broker.createChannel();
        const queue = await channel.checkQueue(String(site.env["CAPI_AMQP_QUEUE"]));
        expect([queue.messageCount, queue.consumerCount]).toEqual([0, WORKERS]);
        await broker.close();
        await client.shutdown();
        const left = JSON.parse((await site.toolbelt("runs", "--json")).stdout) as unknown[];
        expect(left).toEqual([]);
      },
      MINUTES * 60_000 + 120_000,
    );
  }),
);
