import { describe, expect, test } from "vitest";
import { isUnheard, mayRepeat, meaningOf, storeFault, type Meaning } from "./classify-error.ts";

/** Errors as the driver threw them on a real cluster, cut to what is looked at. */
const response = (code: number, more = {}) => ({ name: "ResponseError", code, ...more });
const noHost = (...inner: readonly object[]) => ({
  name: "NoHostAvailableError",
  message: "All host(s) tried for query failed.",
  innerErrors: Object.fromEntries(inner.map((error, n) => [`127.0.0.${n + 2}:9042`, error])),
});
const socket = { name: "DriverError", message: "Socket was closed", isSocketError: true };
const timedOut = { name: "OperationTimedOutError", message: "The host did not reply" };
const refusedConnection = { name: "Error", code: "ECONNREFUSED", message: "connect ECONNREFUSED" };

const recorded: readonly [string, unknown, Meaning][] = [
  ["a write that timed out", response(0x1100, { writeType: "SIMPLE" }), "unknown"],
  ["a conditional write that timed out", response(0x1100, { writeType: "CAS" }), "unknown"],
  ["a conditional write of unknown outcome, protocol v5", response(0x1700), "unknown"],
  ["a read that timed out", response(0x1200), "unknown"],
  ["a quorum that is known to be lost", response(0x1000), "busy"],
  ["an overloaded node", response(0x1001), "busy"],
  ["a lost quorum that shows as time-outs only", noHost(timedOut, timedOut), "unknown"],
  ["a connection that broke under a request", socket, "unknown"],
  ["no answer in time", timedOut, "unknown"],
  ["all nodes down", noHost(refusedConnection, refusedConnection), "unreachable"],
  ["a node that has just gone", new Error("No connection available"), "unreachable"],
  ["no node left to try", noHost(), "unreachable"],
  ["one node away, the other timed out", noHost(refusedConnection, response(0x1100)), "unknown"],
  ["a statement of a keyspace that was dropped", noHost(response(0x2500)), "unprepared"],
  [
    "a first statement of a dropped keyspace",
    response(0x2200, { message: "keyspace faults_5d2 does not exist" }),
    "unheard",
  ],
  ["a table not heard of", response(0x2200, { message: "table piece does not exist" }), "unheard"],
  [
    "a table for a keyspace not heard of",
    response(0x2200, { message: "Keyspace 'faults_5d2' doesn't exist" }),
    "unheard",
  ],
  [
    "a table that 3.x does not know",
    response(0x2200, { message: "unconfigured table piece" }),
    "unheard",
  ],
  [
    "another mistake in a statement",
    response(0x2200, { message: "Undefined column name table in table faults.piece" }),
    "refused",
  ],
  [
    "one node has not heard of the table, the other is away",
    noHost(refusedConnection, response(0x2200, { message: "table piece does not exist" })),
    "unheard",
  ],
  [
    "nodes that the driver did not ask",
    { ...noHost(), innerErrors: { "127.0.0.2:9042": "Host considered as DOWN" } },
    "unreachable",
  ],
  ["wrong credentials", noHost({ name: "AuthenticationError" }), "credentials"],
  ["no right to create", response(0x2100), "credentials"],
  ["a table that is there already", response(0x2400), "exists"],
  ["a value that cannot be sent", new TypeError("Not a valid blob"), "refused"],
];

describe("errors of the driver", () => {
  test.each(recorded)("%s", (_name, error, meaning) => {
    expect(meaningOf(error)).toBe(meaning);
  });

  test("what may have been applied or had no chance is sent again, what was refused is not", () => {
    const repeated = recorded.filter(([, error]) => mayRepeat(error, 10)).map(([, , m]) => m);
    expect([...new Set(repeated)].toSorted()).toEqual(["busy", "unknown", "unreachable"]);
    expect(mayRepeat(noHost(response(0x2500)), 1)).toBe(true);
  });

  test("an outage is retryable and says what the first node answered", () => {
    const fault = storeFault(noHost(refusedConnection), "read a run");
    expect(fault).toMatchObject({ code: "CLUSTER_UNAVAILABLE", retryable: true });
    expect(fault.message).toContain("read a run");
    expect(fault.message).toContain("connect ECONNREFUSED");
  });

  test("only a table that a node does not know is unheard of, whether its statement was prepared or not", () => {
    const faultOf = (error: unknown) => storeFault(error, "read pieces");
    expect(isUnheard(faultOf(response(0x2200, { message: "table piece does not exist" })))).toBe(
      true,
    );
    expect(isUnheard(faultOf(noHost(response(0x2500))))).toBe(true);
    expect(isUnheard(faultOf(response(0x2200, { message: "Invalid integer" })))).toBe(false);
    expect(isUnheard(faultOf(timedOut))).toBe(false);
    expect(isUnheard(response(0x2500))).toBe(false);
  });

  test("a refusal is final", () => {
    const fault = storeFault(response(0x2100, { message: "no rights" }), "create a table");
    expect(fault).toMatchObject({ code: "CLUSTER_REFUSED", retryable: false });
    expect(fault.message).toBe("Cassandra refused to create a table: no rights");
  });
});
