import { describe, expect, test } from "vitest";
import { mayRepeat, meaningOf, storeFault, type Meaning } from "./classify-error.ts";

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
  ["a first statement of a dropped keyspace", response(0x2200), "refused"],
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

  test("a refusal is final", () => {
    const fault = storeFault(response(0x2100, { message: "no rights" }), "create a table");
    expect(fault).toMatchObject({ code: "CLUSTER_REFUSED", retryable: false });
    expect(fault.message).toBe("Cassandra refused to create a table: no rights");
  });
});
