import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errors, types } from "cassandra-driver";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import type { ControlStore } from "#pkg/store";
import { openCassandraStores, type Driver } from "#pkg/store/cassandra";
import { executeTogether, neighbourCommands } from "../../pkg/store/neighbours.contract.ts";
import { claimOf, keyOf } from "../../pkg/store/test-support/unit-model.ts";
import { runOnCassandra, settingsFor, type ClusterRun } from "../support/cassandra-run.ts";
import type { CassandraAddress } from "../../scripts/services/cassandra.ts";
import { crashScript, CRASH_INPUTS } from "../support/crash-script.ts";
import { doubtfulDriver } from "../support/doubtful-driver.ts";
import { failingDriver } from "../support/failing-driver.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { ownCassandra, testWithOwn, withService } from "../support/services.ts";
import { until } from "../support/until.ts";

interface Staged {
  readonly out: string;
  readonly run: ClusterRun;
}

/** The script with ranges, joins, duplicates and several files, in a folder of its own. */
function stage(name: string): Staged {
  const folder = temporaryFolder(name);
  const [input, out] = [join(folder, "in"), join(folder, "out")];
  for (const each of [input, out]) mkdirSync(each);
  for (const [file, text] of Object.entries(CRASH_INPUTS)) writeFileSync(join(input, file), text);
  const script = join(folder, "script.json");
  writeFileSync(script, JSON.stringify(crashScript(input, out)));
  const constants = { rangeSize: 64, chunkRows: 2, broadcastLimit: 1, partitions: 2 };
  return { out, run: { keyspace: "faults", script, constants, threads: 1 } };
}

/** Every call is made again until it is answered, as the control plane does. */
const steady = (store: ControlStore): ControlStore =>
  new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        for (;;)
          try {
            return await (Reflect.apply(member, target, args) as Promise<unknown>);
          } catch (error) {
            if (!isFault(error) || !error.retryable) throw error;
          }
      };
    },
  });

/** A lease that outlives the outages of these tests; what happens when it does not is the worker's to prove. */
const session = { lostMs: 120_000, deadMs: 180_000 };

/** What Cassandra says of a table that it does not know. */
const UNHEARD: number = types.responseErrorCodes.invalid;

/** The first statements about tables go to a keyspace that the server does not know, as if it had not heard of it. */
function unheardOf(refusals: number): {
  readonly wrap: (driver: Driver) => Driver;
  readonly refused: () => number;
} {
  let refused = 0;
  return {
    refused: () => refused,
    wrap: (driver) => ({
      async execute(text, parameters, options) {
        if (!text.includes(".piece") || refused === refusals)
          return driver.execute(text, parameters, options);
        refused += 1;
        try {
          const elsewhere = text.replace(/"[^"]+"\.piece/, "unheard.piece");
          return await driver.execute(elsewhere, parameters, options);
        } catch (error) {
          // Not an answer: sent again whatever the keyspace is.
          if (!(error instanceof errors.ResponseError && error.code === UNHEARD)) refused -= 1;
          throw error;
        }
      },
      batch: (queries, options) => driver.batch(queries, options),
    }),
  };
}

withService("cassandra", (address) => {
  test("pieces are written and read while the server says that it knows no such table, and refused once they are dropped", async () => {
    const settings = settingsFor(address);
    const piece = { kind: "chunk", name: "", part: -1, seq: 0 } as const;
    await using stores = await openCassandraStores(settings);
    const { incarnation } = await stores.control.openKeyspace("heard", "i1");
    const place = { incarnation, run: 1, node: "a", phase: "rows", unit: 0, token: "t" } as const;
    const data = new Uint8Array(3 << 20).fill(7);
    for (const step of ["write", "read"] as const) {
      const unheard = unheardOf(5);
      const open = { create: false, wrap: unheard.wrap };
      await using late = await openCassandraStores(settings, open);
      if (step === "write") await late.tables.write(place, [{ piece, data }]);
      else expect((await late.tables.read(place, piece)).length).toBe(data.length);
      expect(unheard.refused()).toBe(5);
    }
    await stores.control.beginDrop("heard", incarnation);
    const dropped = unheardOf(9);
    const open = { create: false, wrap: dropped.wrap };
    await using other = await openCassandraStores(settings, open);
    await expect(other.tables.read(place, piece)).rejects.toMatchObject({ code: "TABLE_DAMAGED" });
    expect(dropped.refused()).toBe(1);
    await stores.tables.drop(incarnation);
  });

  test("a keyspace takes no claims once its drop has begun, also when the answer to that was lost", async () => {
    const settings = settingsFor(address);
    await using stores = await openCassandraStores(settings);
    await stores.control.openKeyspace("going", "i1");
    const { wrap, failed } = failingDriver();
    await using rough = await openCassandraStores(settings, { create: false, wrap });
    await rough.control.beginDrop("going", "i1");
    expect(failed().join()).toContain('UPDATE "keyspace" SET state');
    const claim = claimOf(keyOf("i1", 0), "t");
    expect((await stores.control.claimUnit(claim)).granted).toBe(false);
    await stores.tables.drop("i1");
  });

  describe("a run whose statements time out", () => {
    test("gives the same files when every kind of statement loses a reply and misses a request", async () => {
      const [calm, rough] = [stage("calm"), stage("rough")];
      await runOnCassandra(settingsFor(address), calm.run);
      const { wrap, failed } = failingDriver();
      const { report } = await runOnCassandra(settingsFor(address), {
        ...rough.run,
        open: { wrap },
      });
      expect(report.outcome).toBe("succeeded");
      expect(contentsOf(rough.out)).toEqual(contentsOf(calm.out));
      const kinds = failed().join("\n");
      for (const kind of [
        /UPDATE "units" .* IF stamp = \?/,
        /UPDATE "run" SET changes = .* IF changes = .*; UPDATE "run" SET version/,
        /INSERT INTO "groups" .*succeeded/,
        /SELECT DISTINCT changes/,
        /INSERT INTO "document"/,
      ])
        expect(kinds).toMatch(kind);
    });

    test("units that share a row answer as the model of each alone does when its writes are applied, applied later or lost", async () => {
      // Shorter than the pauses between repeats, so that many calls fail and are made again.
      const settings = { ...settingsFor(address), patienceMs: 40 };
      let seed = 1;
      const random = (): number => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed / 2_147_483_647;
      };
      const doubts = doubtfulDriver(/UPDATE .*"units"/, random);
      await using stores = await openCassandraStores(settings);
      await stores.control.openKeyspace("doubts", "i1");
      let node = 0;
      const law = fc.asyncProperty(neighbourCommands, async (lists) => {
        node += 1;
        const open = { create: false, wrap: doubts.wrap };
        await using one = await openCassandraStores(settings, open);
        await using other = await openCassandraStores(settings, open);
        const both = [steady(one.control), steady(other.control)] as const;
        await executeTogether(both, { ...keyOf("i1", 0), node: `law ${node}` }, lists);
        await doubts.settled();
      });
      await fc.assert(law, { numRuns: 20 });
      for (const count of Object.values(doubts.counts)) expect(count).toBeGreaterThan(10);
      await stores.control.beginDrop("doubts", "i1");
      await stores.tables.drop("i1");
    });
  });
});

testWithOwn(
  "a run goes on after its only node was frozen for 20 seconds",
  () => ownCassandra({ heapMb: 512 }),
  async (cassandra) => {
    const settings = settingsFor(cassandra.address);
    const [calm, rough] = [stage("calm"), stage("rough")];
    await runOnCassandra(settings, calm.run);
    const [node] = cassandra.nodes;
    let frozen = 0;
    const tick: ClusterRun["tick"] = (active) => {
      // A thread connects with its first unit, and gives that back when it cannot; here it is in the middle of one.
      if (frozen > 0 || active.every(({ rows }) => rows === 0)) return;
      frozen += 1;
      node?.freeze();
      setTimeout(() => node?.thaw(), 20_000);
    };
    const { report, seconds } = await runOnCassandra(settings, {
      ...rough.run,
      keyspace: "rough",
      tick,
      session,
    });
    expect([report.outcome, frozen]).toEqual(["succeeded", 1]);
    expect(seconds).toBeGreaterThan(19);
    expect(contentsOf(rough.out)).toEqual(contentsOf(calm.out));
  },
);

/** The code of the Fault with which a chunk is refused that nobody ever wrote. */
async function answerToLost(address: CassandraAddress, incarnation: string): Promise<string> {
  await using stores = await openCassandraStores(settingsFor(address, "lost"));
  await stores.control.openKeyspace("lost", incarnation);
  const place = { incarnation, run: 1, node: "a", phase: "rows", unit: 0, token: "t" } as const;
  const piece = { kind: "chunk", name: "", part: -1, seq: 0 } as const;
  return await stores.tables.read(place, piece).then(
    () => "read",
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  );
}

testWithOwn(
  "P3: a run on a ring of three goes on while one of its nodes is killed, and gives the same files",
  () => ownCassandra({ nodes: 3 }),
  async (ring) => {
    const settings = settingsFor(ring.address);
    const [calm, rough] = [stage("calm"), stage("rough")];
    await runOnCassandra(settings, { ...calm.run, session });
    const [, , victim] = ring.nodes;
    let killed: Promise<void> | undefined;
    const tick: ClusterRun["tick"] = (active) => {
      if (active.length > 0) killed ??= victim?.kill();
    };
    const { report } = await runOnCassandra(settings, {
      ...rough.run,
      keyspace: "rough",
      tick,
      session,
    });
    await killed;
    expect([report.outcome, killed !== undefined]).toEqual(["succeeded", true]);
    expect(contentsOf(rough.out)).toEqual(contentsOf(calm.out));
    // A keyspace is made while the node is away: nobody waits until it agrees on the schema.
    const without = stage("without");
    const started = await runOnCassandra(settings, {
      ...without.run,
      keyspace: "without",
      session,
    });
    expect(contentsOf(without.out)).toEqual(contentsOf(calm.out));
    expect(started.seconds).toBeLessThan(60);
    // The node that is away may have what the others do not.
    expect(await answerToLost(ring.address, "i1")).toBe("CLUSTER_UNAVAILABLE");
    await victim?.start();
    await ring.untilUp(3);
    // The others may take it for away a moment longer.
    await until("all nodes say that they do not have it", async () =>
      (await answerToLost(ring.address, "i1")) === "TABLE_DAMAGED" ? true : undefined,
    );
    const again = stage("again");
    await runOnCassandra(settings, { ...again.run, keyspace: "again", session });
    expect(contentsOf(again.out)).toEqual(contentsOf(calm.out));
  },
);
