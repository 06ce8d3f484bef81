import { expect, test } from "vitest";
import type { SessionRecord } from "#pkg/store";
import { Fault } from "#pkg/fault";
import { localProcess, type LocalSystem } from "./local-process.ts";
import { createSession, type Session } from "./session.ts";
import type { SessionPorts } from "./session-ports.ts";

/** The session part of the store, and a clock that the test moves. */
function world() {
  const records = new Map<string, SessionRecord>();
  const world = {
    records,
    time: 0,
    alive: new Set<number>([1, 2]),
    store: {
      putSession: async (record: SessionRecord) => void records.set(record.session, record),
      sessions: async () => [...records.values()],
      removeSession: async (session: string) => void records.delete(session),
    },
    open: (session: string, changes: Partial<SessionPorts> = {}): Promise<Session> =>
      createSession({
        store: world.store,
        identity: { session, host: "here", pid: 1, processStart: "10", bootId: "boot" },
        monotonic: () => world.time,
        isProcessAlive: (pid) => world.alive.has(pid),
        settings: { renewMs: 1_000_000, observeMs: 0 },
        ...changes,
      }),
    other: (changes: Partial<SessionRecord> = {}): void => {
      const record = { session: "b", host: "there", pid: 2, processStart: "20", bootId: "x" };
      records.set("b", { ...record, counter: 1, ...changes });
    },
  };
  return world;
}

test("a session is dead when its counter has not moved for 30 seconds on the observer's clock", async () => {
  const at = world();
  await using session = await at.open("a");
  at.other();
  expect(await session.isDead("b")).toBe(false);
  at.time = 29_999;
  expect(await session.isDead("b")).toBe(false);
  at.time = 30_000;
  expect(await session.isDead("b")).toBe(true);
  at.other({ counter: 2 });
  expect(await session.isDead("b")).toBe(false);
});

test("on one machine a session whose process or boot is gone is dead at once", async () => {
  const at = world();
  await using session = await at.open("a");
  at.other({ host: "here", bootId: "boot" });
  expect(await session.isDead("b")).toBe(false);
  at.alive.delete(2);
  expect(await session.isDead("b")).toBe(true);
  at.alive.add(2);
  at.other({ host: "here", bootId: "earlier" });
  expect(await session.isDead("b")).toBe(true);
});

test("a frozen process on the same machine is dead after the same time", async () => {
  const at = world();
  await using session = await at.open("a");
  at.other({ host: "here", bootId: "boot" });
  expect(await session.isDead("b")).toBe(false);
  at.time = 30_000;
  expect(await session.isDead("b")).toBe(true);
});

test("a session without a record has ended, the own one never is dead", async () => {
  const at = world();
  await using session = await at.open("a");
  expect(await session.isDead("nobody")).toBe(true);
  at.time = 1e9;
  expect(await session.isDead("a")).toBe(false);
});

test("a session that began after the last look is not taken for dead", async () => {
  const at = world();
  await using session = await at.open("a", { settings: { observeMs: 1e6, renewMs: 1e6 } });
  expect(await session.isDead("nobody")).toBe(true);
  at.other();
  expect(await session.isDead("b")).toBe(false);
});

test("W7 the lease is lost after 20 seconds without renewal and comes back with one", async () => {
  const at = world();
  await using session = await at.open("a");
  at.time = 19_999;
  expect(session.holdsLease()).toBe(true);
  at.time = 20_000;
  expect(session.holdsLease()).toBe(false);
  await session.renew();
  expect(session.holdsLease()).toBe(true);
  expect(at.records.get("a")?.counter).toBe(2);
});

test("the timer renews, and a failed renewal is told and tried again", async () => {
  const at = world();
  const failures: unknown[] = [];
  let isDown = false;
  const store = {
    ...at.store,
    putSession: async (record: SessionRecord) => {
      if (isDown) throw new Fault("STORE_UNAVAILABLE", "down");
      await at.store.putSession(record);
    },
  };
  const settings = { renewMs: 1, observeMs: 0 };
  const onRenewalFailed = (error: unknown): number => failures.push(error);
  await using session = await at.open("a", { store, settings, onRenewalFailed });
  await expect.poll(() => at.records.get("a")?.counter).toBeGreaterThan(2);
  isDown = true;
  await expect.poll(() => failures.length).toBeGreaterThan(1);
  isDown = false;
  const before = at.records.get("a")?.counter ?? 0;
  await expect.poll(() => at.records.get("a")?.counter).toBeGreaterThan(before);
  expect(session.id).toBe("a");
});

test("records of dead sessions can be removed, and closing removes the own one", async () => {
  const at = world();
  {
    await using session = await at.open("a");
    at.other({ host: "here", bootId: "earlier" });
    await session.removeDead();
    expect([...at.records.keys()]).toEqual(["a"]);
  }
  expect([...at.records.keys()]).toEqual([]);
});

const linux = (files: Readonly<Record<string, string>>): LocalSystem => ({
  readText: (path) => files[path],
  exists: (pid) => pid === 7,
  host: "here",
  bootFallback: "since noon",
});

const stat = (state: string, start: string): string =>
  `7 (a) b (c) ${state} ${Array.from({ length: 18 }, () => "0").join(" ")} ${start} 0`;

test("on Linux a process is known by its start time, whatever its name holds", () => {
  const files = { "/proc/sys/kernel/random/boot_id": "b-1\n", "/proc/7/stat": stat("S", "4711") };
  const { identity, isProcessAlive } = localProcess(linux(files), 7);
  expect(identity).toEqual({ host: "here", pid: 7, processStart: "4711", bootId: "b-1" });
  expect(isProcessAlive(7, "4711")).toBe(true);
  expect(isProcessAlive(7, "4712")).toBe(false);
  expect(isProcessAlive(8, "4711")).toBe(false);
});

test("a process that has ended and was not collected yet is gone", () => {
  const { isProcessAlive } = localProcess(linux({ "/proc/7/stat": stat("Z", "4711") }), 1);
  expect(isProcessAlive(7, "4711")).toBe(false);
});

test("elsewhere the pid alone tells", () => {
  const { identity, isProcessAlive } = localProcess(linux({}), 7);
  expect(identity).toMatchObject({ processStart: "", bootId: "since noon" });
  expect(isProcessAlive(7, "")).toBe(true);
  expect(isProcessAlive(8, "")).toBe(false);
});
