import { expect, test } from "vitest";
import type { Claim, Control } from "#pkg/control";
import { Fault } from "#pkg/fault";
import { healthOf } from "./health.ts";
import { serveHttp, type Health } from "./http.ts";
import { meteredConsume, meteredControl, meteredStore } from "./metered.ts";
import { createMetrics, watchSources } from "./metrics.ts";
import type { ControlStore } from "#pkg/store";

const fine = {
  isStopping: false,
  holdsLease: true,
  storeTrouble: undefined,
  brokerTrouble: undefined,
};

test("a worker is ready while it can claim, also without its broker, and says why when not", () => {
  expect(healthOf(fine)).toEqual({ ready: true, reasons: [] });
  const away = new Fault("QUEUE_UNAVAILABLE", "nobody listens");
  expect(healthOf({ ...fine, brokerTrouble: away })).toEqual({
    ready: true,
    reasons: ["without the broker: nobody listens"],
  });
  expect(
    healthOf({
      isStopping: true,
      holdsLease: false,
      storeTrouble: new Fault("STORE_UNAVAILABLE", "the disk is away"),
      brokerTrouble: undefined,
    }),
  ).toEqual({
    ready: false,
    reasons: [
      "the worker is ending",
      "the session could not be renewed in time",
      "the store fails: the disk is away",
    ],
  });
});

/** The series of one worker: name with labels. */
const seriesOf = async (worker: string): Promise<string[]> => {
  const metrics = createMetrics(worker);
  watchSources(metrics, {
    unitsActive: () => 1,
    threads: 2,
    holdsLease: () => true,
    brokerConnected: () => true,
    queueDepth: () => Promise.resolve(3),
  });
  metrics.claims.inc({ source: "store", result: "granted" });
  const text = await metrics.registry.metrics();
  return text.split("\n").flatMap((line) => (/^\w/.test(line) ? [line.replace(/ \S+$/, "")] : []));
};

test("T-20 the series of two workers never overwrite each other", async () => {
  const [one, two] = [await seriesOf("a:9201"), await seriesOf("b:9201")];
  expect(one.length).toBeGreaterThan(20);
  expect(new Set([...one, ...two]).size).toBe(one.length + two.length);
});

test("metrics and health are served; other paths and methods are told apart", async () => {
  let health: Health = { ready: true, reasons: [] };
  const port = 20_000 + (process.pid % 20_000);
  const address = `http://127.0.0.1:${port}`;
  const sources = {
    metrics: () => Promise.resolve("x 1\n"),
    metricsType: "text/plain",
    health: () => health,
  };
  await using server = await serveHttp({ host: "127.0.0.1", port }, sources);
  expect(server).toBeDefined();
  const ask = async (path: string, method = "GET"): Promise<string> => {
    const response = await fetch(`${address}${path}`, { method });
    return `${response.status} ${(await response.text()).trim()}`;
  };
  expect(await ask("/metrics")).toBe("200 x 1");
  expect(await ask("/health/live?x=1")).toBe('200 {"live":true}');
  expect(await ask("/health/ready")).toBe('200 {"ready":true,"reasons":[]}');
  health = { ready: false, reasons: ["why"] };
  expect(await ask("/health/ready")).toBe('503 {"ready":false,"reasons":["why"]}');
  expect(await ask("/")).toContain("404");
  expect(await ask("/metrics", "POST")).toContain("405");
  await expect(serveHttp({ host: "127.0.0.1", port }, sources)).rejects.toMatchObject({
    code: "PORT_UNAVAILABLE",
  });
});

test("claims, ends, faults and messages are counted", async () => {
  const metrics = createMetrics("w");
  const claim = { token: "t", key: { phase: "rows" } } as unknown as Claim;
  const control = meteredControl(
    {
      claimNext: () => Promise.resolve([claim]),
      claimMessage: () => Promise.resolve({ claims: [], rest: undefined }),
      commit: () => Promise.resolve("committed"),
      fail: () => Promise.resolve("committed"),
      handBack: () => Promise.reject(new Fault("LEASE_LOST", "late")),
    } as unknown as Control,
    metrics,
    () => 0,
  );
  await control.claimNext([]);
  await control.claimMessage({ incarnation: "i", run: 1, node: "n", phase: "rows", unit: 0 });
  const counts = { read: 5, written: 3, filtered: 1, rejected: 1, duplicates: 0 };
  await control.commit(claim, { counts, chunks: [], bytes: 0, valueHash: "" });
  await control.fail(claim, new Error("x"));
  await expect(control.handBack(claim)).rejects.toThrow("late");
  const store = meteredStore(
    {
      updateNode: () => Promise.resolve(true),
      activeRuns: () => Promise.resolve([{ incarnation: "i", run: 1 }]),
      putSession: () => Promise.resolve(),
      runs: () => Promise.reject(new Fault("STORE_UNAVAILABLE", "away")),
    } as unknown as ControlStore,
    metrics,
  );
  const node = {} as Parameters<ControlStore["updateNode"]>[0];
  for (const kind of ["open", "skip", "wait", "nextPhase"])
    await store.updateNode(node, { at: 0, kind, text: "" });
  await store.activeRuns();
  await store.putSession({} as Parameters<ControlStore["putSession"]>[0]);
  await expect(store.runs("i")).rejects.toThrow("away");
  const answers = [{ kind: "done" }, { kind: "again", delayMs: 0 }] as const;
  const consumer = meteredConsume(
    {
      consume: async (handle) => {
        for (const unit of [0, 1])
          await handle({ incarnation: "i", run: 1, node: "n", phase: "rows", unit });
      },
    },
    metrics,
  );
  await consumer.consume(({ unit }) => Promise.resolve(answers[unit] ?? answers[0]), {
    signal: new AbortController().signal,
    limit: 1,
  });
  const text = await metrics.registry.metrics();
  for (const line of [
    'capi_daemon_claim_count{source="store",result="granted",worker="w"} 1',
    'capi_daemon_claim_count{source="message",result="nothing",worker="w"} 1',
    'capi_daemon_unit_end_count{result="committed",worker="w"} 1',
    'capi_daemon_unit_end_count{result="failed",worker="w"} 1',
    'capi_daemon_lease_lost_count{worker="w"} 1',
    'capi_daemon_row_count{kind="written",worker="w"} 3',
    'capi_daemon_node_dep_go_count{worker="w"} 1',
    'capi_daemon_node_dep_nogo_count{worker="w"} 1',
    'capi_daemon_node_dep_wait_count{worker="w"} 1',
    'capi_daemon_active_runs{worker="w"} 1',
    'capi_daemon_lease_renewal_count{worker="w"} 1',
    'capi_daemon_store_fault_count{code="STORE_UNAVAILABLE",worker="w"} 1',
    'capi_daemon_msg_ack_count{worker="w"} 1',
    'capi_daemon_msg_retry_count{worker="w"} 1',
  ])
    expect(text).toContain(line);
});
