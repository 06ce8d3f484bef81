import { types } from "cassandra-driver";
import { describe, expect, test } from "vitest";
import { Cql, type Driver, type ExecuteOptions } from "./cql.ts";
import { statement } from "./statement.ts";

interface Call {
  readonly text: string;
  readonly options: ExecuteOptions;
}

/** A driver that answers each call by the next of `answers`; an error is thrown. */
function driverOf(answers: readonly unknown[]): Driver & { readonly calls: Call[] } {
  const calls: Call[] = [];
  const next = async (text: string, options: ExecuteOptions): Promise<types.ResultSet> => {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push({ text, options });
    if (answer instanceof Error) throw answer;
    return answer as types.ResultSet;
  };
  return {
    calls,
    execute: (text, _parameters, options) => next(text, options),
    batch: (queries, options) => next(queries.map(({ query }) => query).join(";"), options),
  };
}

const answer = (rows: readonly object[], more = {}) => ({
  rows,
  pageState: null,
  wasApplied: () => true,
  ...more,
});
const fails = (code: number): Error => Object.assign(new Error(`code ${code}`), { code });
const settings = { consistency: "local", patienceMs: 1000, inFlight: 2 } as const;
const any = statement("do something", "TEXT");

describe("statements on a cluster", () => {
  test("a conditional write of unknown outcome is sent again, the same statement", async () => {
    const row = { stamp: 1 };
    const refused = answer([row], { wasApplied: () => false });
    const driver = driverOf([fails(0x1100), fails(0x1200), refused]);
    const applied = await new Cql(driver, settings).conditional(any);
    expect(applied).toEqual({ applied: false, row });
    expect(driver.calls.map(({ text }) => text)).toEqual(["TEXT", "TEXT", "TEXT"]);
    expect(driver.calls[0]?.options).toMatchObject({
      isIdempotent: false,
      consistency: types.consistencies.localQuorum,
      serialConsistency: types.consistencies.localSerial,
    });
  });

  test("what is refused is not sent again", async () => {
    const driver = driverOf([fails(0x2200)]);
    await expect(new Cql(driver, settings).write(any)).rejects.toMatchObject({
      code: "CLUSTER_REFUSED",
      facts: { what: "do something" },
    });
    expect(driver.calls).toHaveLength(1);
  });

  test("patience ends", async () => {
    const driver = driverOf([fails(0x1001)]);
    const cql = new Cql(driver, { ...settings, patienceMs: 100 });
    await expect(cql.row(any)).rejects.toMatchObject({
      code: "CLUSTER_UNAVAILABLE",
      retryable: true,
    });
    expect(driver.calls.length).toBeGreaterThan(1);
  });

  test("pages follow each other until there is none", async () => {
    const driver = driverOf([
      answer([{ a: 1 }, { a: 2 }], { pageState: "more" }),
      answer([{ a: 3 }]),
    ]);
    expect(await new Cql(driver, settings).rows(any)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(driver.calls.map(({ options }) => options.pageState)).toEqual([undefined, "more"]);
  });

  test("workers in several data centres agree in all of them", async () => {
    const driver = driverOf([answer([{ a: 1 }])]);
    const cql = new Cql(driver, { ...settings, consistency: "global" });
    expect(await cql.serialRow(any)).toEqual({ a: 1 });
    await cql.conditionalBatch([any, any], "move");
    await cql.define(any);
    const [read, batch, definition] = driver.calls;
    expect(read?.options.consistency).toBe(types.consistencies.serial);
    expect(batch?.text).toBe("TEXT;TEXT");
    expect(batch?.options.serialConsistency).toBe(types.consistencies.serial);
    expect(definition?.options.prepare).toBe(false);
  });

  test("no more than the limit is under way, and everything gets its turn", async () => {
    let [running, most] = [0, 0];
    const open: (() => void)[] = [];
    const driver: Driver = {
      async execute() {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => {
          open.push(resolve);
        });
        running -= 1;
        return answer([]) as unknown as types.ResultSet;
      },
      batch: () => Promise.reject(new Error("not here")),
    };
    const cql = new Cql(driver, settings);
    const all = Promise.all(Array.from({ length: 7 }, () => cql.write(any)));
    for (let done = 0; done < 7; done += 1) {
      while (open.length === 0) await new Promise((resolve) => setImmediate(resolve));
      open.shift()?.();
    }
    await all;
    expect(most).toBe(2);
  });
});
