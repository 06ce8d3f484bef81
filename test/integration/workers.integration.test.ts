import { connect } from "amqplib";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { cli, type Ended } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { roughProxy } from "../support/rough-proxy.ts";
import {
  ownCassandra,
  ownRabbit,
  replicationOf,
  serviceAddress,
  testWithOwn,
  withService,
} from "../support/services.ts";
import { slowPipeline, type SlowOptions } from "../support/slow-pipeline.ts";
import { tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";
import { until } from "../support/until.ts";
import { installation, type Installation, type Worker } from "../support/workers.ts";

/** The full series is CAPI_WORKER_KILLS=50; broker outages last CAPI_OUTAGE_SECONDS=20 then. */
const KILLS = Number(process.env["CAPI_WORKER_KILLS"] ?? 8);
const OUTAGE_MS = Number(process.env["CAPI_OUTAGE_SECONDS"] ?? 3) * 1000;
const LONG = Math.max(240_000, KILLS * 20_000);

const pipeline: SlowOptions = { files: 8, rows: 25 };

/** The files of the same pipeline in one quiet process. */
let quiet: Promise<Record<string, string>> | undefined;
const undisturbed = (): Promise<Record<string, string>> =>
  (quiet ??= (async () => {
    const folder = temporaryFolder("quiet");
    const { tiny } = stage(folder);
    const ended = await cli([...tiny.run, "--threads", "2"]);
    expect(ended.code, ended.stderr).toBe(0);
    return contentsOf(tiny.out);
  })());

interface Staged {
  readonly tiny: Tiny;
  /** Arguments for an installation with workers. */
  readonly run: (keyspace?: string) => readonly string[];
}

function stage(folder: string): Staged {
  const tiny = slowPipeline(folder, pipeline);
  return { tiny, run: (keyspace = "tiny") => ["run", tiny.script, "--keyspace", keyspace] };
}

const workers = (site: Installation, count: number, env: NodeJS.ProcessEnv = {}) =>
  Promise.all(Array.from({ length: count }, () => site.worker({ env })));

async function expectUndisturbed(ended: Promise<Ended>, { tiny }: Staged): Promise<void> {
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect(contentsOf(tiny.out)).toEqual(await undisturbed());
  expect(readdirSync(tiny.out).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}

interface Status {
  readonly state: string;
  readonly nodes: readonly {
    readonly node: string;
    readonly state: string;
    readonly cause: { readonly code: string } | null;
    readonly batches: readonly {
      readonly state: string;
      readonly attempts: number;
      readonly causes: readonly { readonly code: string }[];
    }[];
  }[];
}

async function statusOf(site: Installation, keyspace = "tiny"): Promise<Status | undefined> {
  const ended = await site.toolbelt("status", "--keyspace", keyspace, "--json");
  return ended.code === 0 ? (JSON.parse(ended.stdout) as Status) : undefined;
}

const batchesOf = (status: Status | undefined) =>
  status?.nodes.find(({ node }) => node === "read_stock")?.batches ?? [];

/** Batches that are done, once there are that many. */
const done = (site: Installation, least: number): Promise<number> =>
  until(`${least} batches are done`, async () => {
    const ends = batchesOf(await statusOf(site)).filter(({ state }) => state === "success");
    return ends.length >= least ? ends.length : undefined;
  });

test(
  `P3: after SIGKILL of workers at ${KILLS} random moments the files are the same`,
  async () => {
    let kills = 0;
    for (let round = 0; kills < KILLS; round += 1) {
      const site = installation(`kill-${round}`);
      const staged = stage(site.folder);
      const alive = await workers(site, 3);
      const running = site.start(...staged.run());
      while (running.child.exitCode === null && kills < KILLS) {
        await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1500));
        const victim = Math.floor(Math.random() * alive.length);
        await (alive[victim] as Worker).kill();
        kills += 1;
        alive[victim] = await site.worker();
      }
      await expectUndisturbed(running.ended, staged);
      await Promise.all(alive.map((worker) => worker.kill()));
    }
  },
  LONG,
);

test(
  "T-06 all workers and the starter are killed in the middle of three runs: nothing is cancelled, new workers finish them",
  async () => {
    const site = installation("backfill");
    const staged = [0, 1, 2].map((at) => stage(join(site.folder, `run-${at}`)));
    const first = await workers(site, 2);
    const starters = staged.map(({ run }, at) => site.start(...run(`month_${at}`)));
    await until("some batches are done", async () =>
      batchesOf(await statusOf(site, "month_0")).some(({ state }) => state === "success")
        ? true
        : undefined,
    );
    for (const starter of starters) starter.child.kill("SIGKILL");
    await Promise.all(first.map((worker) => worker.kill()));
    await workers(site, 2);
    for (const [at, one] of staged.entries()) {
      const status = await statusOf(site, `month_${at}`);
      if (status === undefined) {
        // Killed before its run was visible: nothing was started, so nothing is to be resumed.
        await expectUndisturbed(site.toolbelt(...one.run(`month_${at}`)), one);
        continue;
      }
      const watched = site.toolbelt("resume", "--keyspace", `month_${at}`);
      const { code, stderr } = await watched;
      expect(
        code === 0 || /is complete/.test(stderr) || /no unfinished run/.test(stderr),
        stderr,
      ).toBe(true);
      expect(contentsOf(one.tiny.out)).toEqual(await undisturbed());
    }
  },
  LONG,
);

test(
  "P5: with a broker that was never there runs are executed all the same",
  async () => {
    const site = installation("absent", "amqp://guest:guest@127.0.0.1:9");
    const staged = stage(site.folder);
    const [worker] = await workers(site, 2);
    expect(worker?.printed()).toContain("the worker begins without its broker");
    await expectUndisturbed(site.toolbelt(...staged.run()), staged);
  },
  LONG,
);

test(
  "P5: without a broker in the settings runs are executed too",
  async () => {
    const site = installation("brokerless", "");
    const staged = stage(site.folder);
    await workers(site, 2);
    await expectUndisturbed(site.toolbelt(...staged.run()), staged);
  },
  LONG,
);

testWithOwn(
  `P5: the broker is stopped for ${OUTAGE_MS / 1000} s in the middle and comes back empty`,
  ownRabbit,
  async (broker) => {
    const site = installation("outage", broker.address.url);
    const staged = stage(site.folder);
    await workers(site, 2);
    const running = site.start(...staged.run());
    await done(site, 1);
    await broker.kill();
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    await broker.start({ empty: true });
    await expectUndisturbed(running.ended, staged);
    const again = stage(join(site.folder, "again"));
    await expectUndisturbed(site.toolbelt(...again.run("again")), again);
  },
);

testWithOwn(
  "workers go on after the only node of their database, which syncs every write, was killed and away for 20 s",
  () => ownCassandra({ heapMb: 512, yaml: ["commitlog_sync: batch"] }),
  async (cassandra) => {
    const { contactPoints, port, localDataCenter } = cassandra.address;
    const site = installation("database", "", {
      CAPI_CASSANDRA_HOSTS: contactPoints.join(","),
      CAPI_CASSANDRA_PORT: String(port),
      CAPI_CASSANDRA_LOCAL_DATA_CENTER: localDataCenter,
      CAPI_CASSANDRA_KEYSPACE_REPLICATION_CONFIG: replicationOf(cassandra.address),
    });
    const staged = stage(site.folder);
    await workers(site, 2);
    const running = site.start(...staged.run());
    await done(site, 1);
    const [node] = cassandra.nodes;
    await node?.kill();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await node?.start();
    const { code, stderr } = await running.ended;
    // Whoever watches gives up after a minute without an answer; workers never do.
    expect([0, 5], stderr).toContain(code);
    const status = await until(
      "the run is complete",
      async () => {
        const found = await statusOf(site);
        return found?.state === "complete" ? found : undefined;
      },
      120_000,
    );
    expect(contentsOf(staged.tiny.out)).toEqual(await undisturbed());
    const batches = batchesOf(status);
    expect(new Set(batches.map(({ state }) => state))).toEqual(new Set(["success"]));
  },
);

withService("rabbit", ({ url }) => {
  test(
    "P5: connections to the broker are reset again and again",
    async () => {
      await using proxy = await roughProxy(new URL(url));
      const through = new URL(url);
      through.port = String(proxy.port);
      const site = installation("reset", through.href);
      const staged = stage(site.folder);
      await workers(site, 2);
      const running = site.start(...staged.run());
      let cuts = 0;
      const timer = setInterval(() => {
        cuts += proxy.cut();
      }, 300);
      await expectUndisturbed(running.ended, staged);
      clearInterval(timer);
      expect(cuts).toBeGreaterThan(0);
    },
    LONG,
  );

  test(
    "P5: messages are doubled, delayed, shuffled and mixed with what nobody can read",
    async () => {
      const site = installation("meddle", url);
      const staged = stage(site.folder);
      await workers(site, 2);
      const queue = String(site.env["CAPI_AMQP_QUEUE"]);
      const model = await connect(url);
      const channel = await model.createChannel();
      await channel.prefetch(100);
      const held: Buffer[] = [];
      let taken = 0;
      const { consumerTag } = await channel.consume(queue, (message) => {
        if (message === null) return;
        channel.ack(message);
        taken += 1;
        held.push(message.content, message.content, Buffer.from(`{"unit":${taken}}`));
      });
      const timer = setInterval(() => {
        held.sort(() => Math.random() - 0.5);
        for (const content of held.splice(0, 5)) channel.sendToQueue(queue, content);
        if (taken > 30) void channel.cancel(consumerTag);
      }, 200);
      await expectUndisturbed(site.toolbelt(...staged.run()), staged);
      clearInterval(timer);
      expect(taken).toBeGreaterThan(0);
      await model.close();
      const attempts = batchesOf(await statusOf(site)).map((batch) => batch.attempts);
      expect(new Set(attempts)).toEqual(new Set([1]));
    },
    LONG,
  );
});

test(
  "T-11 a worker that is frozen past its lease and goes on then neither commits nor publishes",
  async () => {
    const site = installation("frozen", undefined, { CAPI_LEASE_SECONDS: "3" });
    const staged = stage(site.folder);
    const [frozen] = await workers(site, 2);
    const running = site.start(...staged.run());
    await done(site, 1);
    frozen?.child.kill("SIGSTOP");
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(0);
    const expected = await undisturbed();
    expect(contentsOf(staged.tiny.out)).toEqual(expected);
    frozen?.child.kill("SIGCONT");
    expect(await frozen?.stop()).toBe(0);
    expect(contentsOf(staged.tiny.out)).toEqual(expected);
    const batches = batchesOf(await statusOf(site));
    expect(batches.every(({ state }) => state === "success")).toBe(true);
  },
  LONG,
);

test(
  "two starts of one script at once: each run is whole or refused, never mixed",
  async () => {
    const site = installation("twice");
    const staged = stage(site.folder);
    await workers(site, 2);
    const ends = await Promise.all([0, 1].map(() => site.toolbelt(...staged.run())));
    const codes = ends.map(({ code }) => code ?? -1).toSorted((a, b) => a - b);
    expect([
      [0, 0],
      [0, 2],
    ]).toContainEqual(codes);
    for (const { code, stderr } of ends) if (code === 2) expect(stderr).toContain("RUN_CONFLICT");
    expect(contentsOf(staged.tiny.out)).toEqual(await undisturbed());
  },
  LONG,
);

test(
  "a keyspace that is dropped during a run and made again under its name has only the new run",
  async () => {
    const site = installation("drop");
    const staged = stage(site.folder);
    await workers(site, 2);
    // So long that it is certainly going on when the drop comes.
    const long = slowPipeline(join(site.folder, "long"), { files: 40, rows: 50 });
    const first = site.start("run", long.script, "--keyspace", "tiny");
    await done(site, 1);
    const dropped = await site.toolbelt("drop", "--keyspace", "tiny");
    expect(dropped.code, dropped.stderr).toBe(0);
    const again = site.toolbelt(...staged.run());
    const { code, stderr } = await first.ended;
    expect(code, stderr).toBe(5);
    expect(stderr).toContain("KEYSPACE_DROPPING");
    await expectUndisturbed(again, staged);
    const runs = JSON.parse((await site.toolbelt("runs", "--json")).stdout) as readonly unknown[];
    expect(runs).toHaveLength(1);
  },
  LONG,
);

/** Every clock that a process can read is so many hours off; the one that only goes forward is not. */
const shiftedClock = (hours: number): string => `
const shift = ${hours} * 3_600_000;
const Exact = globalThis.Date;
globalThis.Date = class extends Exact {
  constructor(...parts) {
    if (parts.length === 0) super(Exact.now() + shift);
    else super(...parts);
  }
  static now() {
    return Exact.now() + shift;
  }
};
`;

test(
  "workers whose clocks are an hour apart share a run, and the death of one is noticed as ever",
  async () => {
    const site = installation("clocks", undefined, { CAPI_LEASE_SECONDS: "3" });
    const staged = stage(site.folder);
    const [late, early] = await Promise.all(
      [-1, 1].map((hours) => {
        const clock = join(site.folder, `clock${hours}.mjs`);
        writeFileSync(clock, shiftedClock(hours));
        return site.worker({ env: { NODE_OPTIONS: `--import ${pathToFileURL(clock).href}` } });
      }),
    );
    const running = site.start(...staged.run());
    await done(site, 1);
    await late?.kill();
    await expectUndisturbed(running.ended, staged);
    const causes = batchesOf(await statusOf(site)).flatMap((batch) => batch.causes);
    expect(causes.filter(({ code }) => code !== "WORKER_LOST")).toEqual([]);
    const times = early?.printed().match(/"time":(\d+)/g) ?? [];
    expect(Number(times.at(-1)?.slice(7)) - Date.now()).toBeGreaterThan(3_500_000);
  },
  LONG,
);

/** Ends the engine thread that opens the input of that name, every time, as a defect of a native library would. */
const poison = (file: string): string => `
import { isMainThread } from "node:worker_threads";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
if (!isMainThread) {
  const { open } = fs;
  fs.open = (path, ...rest) => (String(path).endsWith("${file}") ? process.exit(9) : open(path, ...rest));
  syncBuiltinESMExports();
}
`;

function poisoned(site: { readonly folder: string }, file: string): NodeJS.ProcessEnv {
  const preload = join(site.folder, "poison.mjs");
  writeFileSync(preload, poison(file));
  return { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` };
}

test(
  "a poison batch that ends its thread every time fails with its attempts, and the worker and the other batches live",
  async () => {
    const site = installation("poison");
    const tiny = tinyPipeline(site.folder, { files: 3 });
    const [worker] = await workers(site, 1, poisoned(site, "stock_1.csv"));
    const ended = await site.toolbelt("run", tiny.script, "--keyspace", "tiny");
    expect(ended.code, ended.stderr).toBe(1);
    const batches = batchesOf(await statusOf(site));
    expect(batches.map(({ state }) => state)).toEqual(["success", "fail", "success"]);
    expect(batches[1]?.attempts).toBe(5);
    expect(batches[1]?.causes.at(-1)?.code).toBe("UNIT_ATTEMPTS");
    expect(readdirSync(tiny.out)).toEqual([]);
    expect(worker?.child.exitCode).toBeNull();
  },
  LONG,
);

test(
  "a poison batch among quick ones that were claimed with it is found, and nothing is charged to the others",
  async () => {
    const site = installation("neighbours");
    const tiny = tinyPipeline(site.folder, { files: 100 });
    await workers(site, 1, poisoned(site, "stock_70.csv"));
    const ended = await site.toolbelt("run", tiny.script, "--keyspace", "tiny");
    expect(ended.code, ended.stderr).toBe(1);
    const batches = batchesOf(await statusOf(site));
    const failed = batches.flatMap(({ state }, batch) => (state === "success" ? [] : [batch]));
    expect(failed).toEqual([70]);
    expect(batches[70]?.causes.at(-1)?.code).toBe("UNIT_ATTEMPTS");
    const charged = batches.filter(({ causes }) => causes.some(({ code }) => code !== "STOPPED"));
    expect(charged).toHaveLength(1);
  },
  LONG,
);

test(
  "two keyspaces share the workers, and each gets its own files",
  async () => {
    const site = installation("shared");
    const staged = [0, 1].map((at) => {
      mkdirSync(join(site.folder, `k${at}`));
      return stage(join(site.folder, `k${at}`));
    });
    await workers(site, 2);
    await Promise.all(
      staged.map((one, at) => expectUndisturbed(site.toolbelt(...one.run(`k${at}`)), one)),
    );
  },
  LONG,
);

test(
  "a rolling restart of all workers during a run loses no attempt",
  async () => {
    const site = installation("rolling");
    const staged = stage(site.folder);
    const old = await workers(site, 3);
    const running = site.start(...staged.run());
    await done(site, 1);
    for (const worker of old) {
      expect(await worker.stop()).toBe(0);
      await site.worker();
    }
    await expectUndisturbed(running.ended, staged);
    const causes = batchesOf(await statusOf(site)).flatMap((batch) => batch.causes);
    expect(causes.filter(({ code }) => code !== "STOPPED")).toEqual([]);
  },
  LONG,
);

test(
  "several runs use the broker: messages of a finished run are gone from the queue",
  async ({ skip }) => {
    if (serviceAddress("rabbit") === undefined) return skip("no rabbit in CAPI_TEST_SERVICES");
    const site = installation("queue");
    const staged = stage(site.folder);
    await workers(site, 1);
    await expectUndisturbed(site.toolbelt(...staged.run()), staged);
    const checked = await site.toolbelt("check_queue_connectivity");
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout).toMatch(/^OK: amqp:\/\/127\.0\.0\.1:\d+/);
    const stored = await site.toolbelt("check_db_connectivity");
    expect(stored.stdout).toMatch(/^OK: /);
  },
  LONG,
);
