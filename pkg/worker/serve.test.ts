import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createControl, type Claim, type Control } from "#pkg/control";
import { Fault } from "#pkg/fault";
import { silentLog } from "#pkg/log";
import { startRun, type OperatorPorts } from "#pkg/operator";
import { openEmbeddedQueue } from "#pkg/queue/embedded";
import type { Queue, UnitMessage } from "#pkg/queue";
import { pythonSettings } from "#pkg/processor";
import { everything } from "#pkg/security";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { openFiles } from "#pkg/transfer";
import type { RunRecord, UnitOutcome } from "#pkg/workflow";
import { tinyPipeline, type Tiny, type TinyOptions } from "../../test/support/tiny-pipeline.ts";
import { until } from "../../test/support/until.ts";
import { openPool, serve, type EngineThreads, type ServeSettings, type Serving } from "./index.ts";

const SLOW = 60_000;

let folder: string;
let ports: OperatorPorts;
let queue: Queue;
let threads: EngineThreads;
let stop: AbortController;
let close: () => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "capillaries-serve-"));
  const data = join(folder, "data");
  mkdirSync(data);
  const store = await openEmbeddedControl({ folder: data });
  const tables = await openEmbeddedTables({ folder: data });
  ports = { store, tables, files: openFiles(everything), now: Date.now, newId: randomUUID };
  queue = openEmbeddedQueue();
  threads = openPool({
    store: { kind: "embedded", folder: data },
    threads: 2,
    memory: 2 ** 27,
    policy: everything,
    processors: () => ({ python: pythonSettings({}, {}) }),
  });
  stop = new AbortController();
  close = async () => {
    stop.abort();
    await threads[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
    await tables[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
});

afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

const controlFor = (session: string, publishTo: Pick<Queue, "publish"> | undefined): Control =>
  createControl({
    ...ports,
    ...(publishTo === undefined ? {} : { queue: publishTo }),
    session,
    monotonic: () => performance.now(),
    newToken: () => randomUUID().replaceAll("-", ""),
    isSessionDead: (other) => other === "dead",
  });

interface Options {
  readonly control?: Control;
  readonly consume?: Pick<Queue, "consume">;
  readonly settings?: Partial<ServeSettings>;
  readonly threads?: EngineThreads;
}

function begin(options: Options): Serving {
  const { control = controlFor("me", queue), consume, settings = {} } = options;
  return serve(
    {
      store: ports.store,
      control,
      threads: options.threads ?? threads,
      ...(consume === undefined ? {} : { queue: consume }),
      log: silentLog,
      monotonic: () => performance.now(),
      random: Math.random,
      removeDeadSessions: () => Promise.resolve(),
      settings,
    },
    stop.signal,
  );
}

async function start(
  options: TinyOptions & { readonly executors?: readonly string[] } = {},
): Promise<{ readonly tiny: Tiny; readonly record: RunRecord }> {
  const tiny = tinyPipeline(mkdtempSync(join(folder, "run-")), options);
  const { record } = await startRun(ports, {
    keyspace: `k${randomUUID().replaceAll("-", "")}`,
    scriptUrl: tiny.script,
    parametersUrl: "",
    overrides: {},
    constants: {
      chunkRows: 1000,
      chunkBytes: 90_000,
      rangeSize: 64 << 20,
      broadcastLimit: 1 << 20,
      partitions: 0,
    },
    executors: options.executors ?? [],
    description: "",
    startedBy: "test",
    absolute: (url) => url,
  });
  return { tiny, record };
}

const ended = ({ incarnation, run }: RunRecord): Promise<RunRecord> =>
  until("the run is final", async () => {
    const latest = await ports.store.run(incarnation, run);
    return latest?.state === "running" ? undefined : latest;
  });

/** Only messages lead to work. */
const NEVER_LOOK = { idleMs: 1e9, sweepMs: 1e9 };

test(
  "runs of several keyspaces are executed from the messages of their phases",
  async () => {
    const serving = begin({ consume: queue, settings: NEVER_LOOK });
    const runs = [await start({ files: 3 }), await start({ files: 2 })];
    const starter = controlFor("starter", queue);
    for (const { record } of runs) await starter.advance(record.incarnation, record.run);
    for (const { tiny, record } of runs) {
      expect((await ended(record)).outcome).toBe("succeeded");
      expect(readFileSync(join(tiny.out, "stock.csv"), "utf8")).toContain("A-1,6,1.50");
    }
    stop.abort();
    await serving.ended;
    expect(await queue.depth({})).toBe(0);
  },
  SLOW,
);

test.each(["messages", "the store"])(
  "quick units found by %s are claimed several at once, and each is committed once",
  async (source) => {
    const bundles: number[] = [];
    const isTold = source === "messages";
    const inner = controlFor("me", isTold ? queue : undefined);
    const noted = (claims: readonly Claim[]): readonly Claim[] => {
      if (claims.length > 0) bundles.push(claims.length);
      return claims;
    };
    const control: Control = {
      ...inner,
      claimMessage: async (message, most) => {
        const { claims, rest } = await inner.claimMessage(message, most);
        return { claims: noted(claims), rest };
      },
      claimNext: async (runs, most) => noted(await inner.claimNext(runs, most)),
    };
    const { record, tiny } = await start({ files: 150 });
    await inner.advance(record.incarnation, record.run);
    const serving = begin(isTold ? { control, consume: queue, settings: NEVER_LOOK } : { control });
    expect((await ended(record)).outcome).toBe("succeeded");
    stop.abort();
    await serving.ended;
    const phase = { ...record, node: "read_stock", phase: "rows" as const };
    const units = await ports.store.units(phase);
    expect(units).toHaveLength(150);
    expect(new Set(units.map(({ record: { state, attempt } }) => `${state} ${attempt}`))).toEqual(
      new Set(["success 1"]),
    );
    expect(Math.max(...bundles)).toBeGreaterThan(3);
    expect(bundles.length).toBeLessThan(120);
    const lines = readFileSync(join(tiny.out, "stock.csv"), "utf8").split("\n");
    expect(lines.filter((line) => line.startsWith("A-1"))).toHaveLength(150);
  },
  SLOW,
);

test(
  "slow units of a message are left to everybody one by one",
  async () => {
    const held = heldThreads();
    const { record } = await start({ files: 100 });
    const inner = controlFor("me", queue);
    await inner.advance(record.incarnation, record.run);
    await queue.purge({});
    const { incarnation, run } = record;
    const message = {
      incarnation,
      run,
      node: "read_stock",
      phase: "rows",
      unit: 80,
      units: 20,
    } as const;
    await queue.publish([message]);
    const passed: UnitMessage[] = [];
    const consume: Pick<Queue, "consume"> = {
      consume: (handle, options) =>
        queue.consume(async (next) => {
          if (next.units === undefined) passed.push(next);
          return passed.length > 0 ? { kind: "done" } : handle(next);
        }, options),
    };
    const serving = begin({ control: inner, consume, threads: held, settings: NEVER_LOOK });
    await until("a unit is in work", () => (held.begun() > 0 ? true : undefined));
    const release = setInterval(held.release, 10);
    await until("the rest was passed on", () => (passed.length > 0 ? true : undefined));
    clearInterval(release);
    expect(passed[0]).toMatchObject({ incarnation, node: "read_stock" });
    expect(passed[0]?.units).toBeUndefined();
    stop.abort();
    held.release();
    await serving.ended;
  },
  SLOW,
);

test(
  "P5 without a broker work is found in the store",
  async () => {
    const serving = begin({ control: controlFor("me", undefined) });
    const { record } = await start({ files: 3 });
    expect((await ended(record)).outcome).toBe("succeeded");
    stop.abort();
    await serving.ended;
  },
  SLOW,
);

test(
  "P5 messages that are lost, doubled, stale or about nothing change nothing",
  async () => {
    const { record } = await start({ files: 3 });
    const about = (more: Partial<UnitMessage>): UnitMessage => ({
      incarnation: record.incarnation,
      run: record.run,
      node: "read_stock",
      phase: "rows",
      unit: 0,
      ...more,
    });
    const nonsense = [
      { incarnation: "gone" },
      { run: 7 },
      { node: "nobody" },
      { phase: "finish" as const },
      { unit: 99 },
    ].map(about);
    const starter = controlFor("starter", undefined);
    await starter.advance(record.incarnation, record.run);
    await queue.publish([...nonsense, about({ unit: 1 })]);
    const serving = begin({
      control: controlFor("me", undefined),
      consume: queue,
      settings: { idleMs: 50 },
    });
    expect((await ended(record)).outcome).toBe("succeeded");
    await queue.publish([about({}), about({ unit: 1 })]);
    await until("the late messages are gone", async () =>
      (await queue.depth({})) === 0 ? true : undefined,
    );
    stop.abort();
    await serving.ended;
    const units = await ports.store.units(about({}));
    expect(units.map(({ record: { attempt } }) => attempt)).toEqual([1, 1, 1]);
  },
  SLOW,
);

test(
  "a run with executors of its own is left to them",
  async () => {
    const serving = begin({ consume: queue, settings: { idleMs: 20, sweepMs: 20 } });
    const { record } = await start({ executors: ["somebody"] });
    await controlFor("starter", queue).advance(record.incarnation, record.run);
    const { record: own } = await start();
    await controlFor("starter", queue).advance(own.incarnation, own.run);
    await ended(own);
    stop.abort();
    await serving.ended;
    const key = { ...record, node: "read_stock", phase: "rows" as const };
    expect(await ports.store.units(key)).toEqual([]);
  },
  SLOW,
);

test(
  "T-27 a message whose claim the store failed is not acknowledged, and its unit is claimed once the store answers",
  async () => {
    const inner = controlFor("me", queue);
    let failures = 0;
    let settled = 0;
    const control: Control = {
      ...inner,
      claimMessage: async (message, most) => {
        if (failures < 3) {
          failures += 1;
          throw new Fault("STORE_UNAVAILABLE", "the disk is away");
        }
        return inner.claimMessage(message, most);
      },
    };
    const consume: Pick<Queue, "consume"> = {
      consume: (handle, options) =>
        queue.consume(async (message) => {
          const settlement = await handle(message);
          settled += 1;
          return settlement;
        }, options),
    };
    const { record } = await start();
    await controlFor("starter", queue).advance(record.incarnation, record.run);
    const serving = begin({ control, consume, settings: NEVER_LOOK });
    await until("the trouble is known", () => serving.trouble());
    expect(settled).toBe(0);
    expect((await ended(record)).outcome).toBe("succeeded");
    expect(serving.trouble()).toBeUndefined();
    stop.abort();
    await serving.ended;
    expect(failures).toBe(3);
  },
  SLOW,
);

test(
  "a commit that the store failed is repeated until the store answers",
  async () => {
    const inner = controlFor("me", queue);
    let failures = 0;
    const control: Control = {
      ...inner,
      commit: async (claim, outcome) => {
        failures += 1;
        if (failures <= 3) throw new Fault("STORE_UNAVAILABLE", "the disk is away");
        return inner.commit(claim, outcome);
      },
    };
    const { record } = await start();
    const serving = begin({ control });
    expect((await ended(record)).outcome).toBe("succeeded");
    stop.abort();
    await serving.ended;
    expect(failures).toBeGreaterThan(3);
  },
  SLOW,
);

test(
  "a claim that was granted although the answer was lost is given back",
  async () => {
    let isLost = false;
    const store = new Proxy(ports.store, {
      get(target, name) {
        if (name !== "claimUnit") return Reflect.get(target, name) as unknown;
        return async (claim: Parameters<typeof target.claimUnit>[0]) => {
          const answer = await target.claimUnit(claim);
          if (isLost) return answer;
          isLost = true;
          throw new Fault("STORE_UNAVAILABLE", "the answer was lost");
        };
      },
    });
    const control = createControl({
      ...ports,
      store,
      session: "me",
      newToken: () => randomUUID().replaceAll("-", ""),
    });
    const { record } = await start();
    const serving = begin({ control });
    expect((await ended(record)).outcome).toBe("succeeded");
    stop.abort();
    await serving.ended;
  },
  SLOW,
);

/** Threads whose units end when the test says so, or are interrupted. */
function heldThreads(): EngineThreads & {
  readonly release: () => void;
  readonly begun: () => number;
} {
  const waiting = new Set<() => void>();
  let begun = 0;
  const outcome: UnitOutcome = {
    counts: { read: 0, written: 0, filtered: 0, rejected: 0, duplicates: 0 },
    chunks: [],
    bytes: 0,
    valueHash: "",
  };
  return {
    threads: 2,
    use: () => undefined,
    run: (tasks, signal) => {
      const units = tasks.map(() => {
        begun += 1;
        const made = new Promise<UnitOutcome>((resolve, reject) => {
          waiting.add(() => resolve(outcome));
          signal.addEventListener("abort", () => reject(new Fault("STOPPED", "interrupted")));
        });
        return { outcome: made, rows: () => 0 };
      });
      return { units, elapsedMs: () => 1000 };
    },
    release: () => {
      for (const end of waiting) end();
    },
    begun: () => begun,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const countedEnds = (inner: Control): Control & { readonly ends: string[] } => {
  const ends: string[] = [];
  const noted =
    <Rest extends readonly unknown[]>(
      word: string,
      end: (claim: Claim, ...rest: Rest) => Promise<string>,
    ) =>
    async (claim: Claim, ...rest: Rest) => {
      const result = await end(claim, ...rest);
      ends.push(`${word} ${result}`);
      return result as "committed";
    };
  return {
    ...inner,
    commit: noted("commit", (claim, outcome: UnitOutcome) => inner.commit(claim, outcome)),
    handBack: noted("hand back", (claim) => inner.handBack(claim)),
    ends,
  };
};

test("a stop lets units in work end within the grace period", async () => {
  const held = heldThreads();
  const control = countedEnds(controlFor("me", queue));
  await start({ files: 2 });
  const serving = begin({ control, threads: held });
  await until("two units are in work", () => (held.begun() >= 2 ? true : undefined));
  stop.abort();
  held.release();
  await serving.ended;
  expect(control.ends).toEqual(["commit committed", "commit committed"]);
});

test("after the grace period units are handed back and announced to others", async () => {
  const held = heldThreads();
  const control = countedEnds(controlFor("me", queue));
  const { record } = await start({ files: 2 });
  const serving = begin({ control, threads: held, settings: { graceMs: 20 } });
  await until("two units are in work", () => (held.begun() >= 2 ? true : undefined));
  await queue.purge({});
  stop.abort();
  await serving.ended;
  expect(control.ends).toEqual(["hand back released", "hand back released"]);
  expect(await queue.depth({ incarnation: record.incarnation })).toBe(2);
});
