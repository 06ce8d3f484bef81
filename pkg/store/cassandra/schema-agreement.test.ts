import type { Host } from "cassandra-driver";
import { expect, test } from "vitest";
import {
  agreesOnSchema,
  areServed,
  isAgreed,
  isKnownSomewhere,
  type Ring,
} from "./schema-agreement.ts";

const view = (...versions: readonly (string | undefined)[]) => ({
  own: "a",
  others: versions.map((version, n) => ({ address: `10.0.0.${n + 2}:9042`, version })),
});
const nobody = (): boolean => false;

test("nodes agree when all that are up tell the same version; what a node that is down told last does not count", () => {
  expect(isAgreed(view(), nobody)).toBe(true);
  expect(isAgreed(view("a", "a"), nobody)).toBe(true);
  expect(isAgreed(view("a", "b"), nobody)).toBe(false);
  expect(isAgreed(view("a", undefined), nobody)).toBe(true);
  expect(isAgreed(view("a", "b"), (address) => address === "10.0.0.3:9042")).toBe(true);
  expect(isAgreed(view("b", "b"), (address) => address === "10.0.0.3:9042")).toBe(false);
});

interface Node {
  /** Rows, or why there are none. */
  readonly answer: readonly object[] | Error;
  readonly isUp?: boolean;
  readonly dataCenter?: string;
}

const answered = (code: number, message: string): Error =>
  Object.assign(new Error(message), { name: "ResponseError", code });
const silent = Object.assign(new Error("no answer"), { name: "OperationTimedOutError" });
const unconnected = Object.assign(new Error("all hosts failed"), {
  name: "NoHostAvailableError",
  innerErrors: { "10.0.0.2:9042": new Error("No connection available") },
});

/** As the driver sees them, in its shape; `asked` are the numbers of the nodes that were sent something, once each. */
function ringOf(...nodes: readonly Node[]) {
  const hosts = nodes.map(({ isUp = true, dataCenter = "here" }, at) => ({
    address: `10.0.0.${at + 1}:9042`,
    datacenter: dataCenter,
    isUp: () => isUp,
  }));
  const asked = new Set<number>();
  const client = {
    hosts: { values: () => hosts },
    async execute(_text: string, _parameters: unknown, { host }: { readonly host: Host }) {
      const at = hosts.findIndex(({ address }) => address === host.address);
      asked.add(at);
      const { answer } = nodes[at] as Node;
      if (answer instanceof Error) throw answer;
      return { rows: answer };
    },
  } as unknown as Ring["client"];
  const ring: Ring = { client, port: 9042, dataCenter: "here" };
  return { ring, asked };
}

const isServed = (...nodes: readonly Node[]): Promise<boolean> =>
  areServed(ringOf(...nodes).ring, "k", ["a", "b"]);
const open: Node = { answer: [{ table_name: "a" }, { table_name: "b" }] };
const opening: Node = { answer: [{ table_name: "a" }] };
const other: Node = { answer: silent, dataCenter: "there" };

test("tables are served when every node that is up and can be asked has opened all of them", async () => {
  expect(await isServed(open, open, open)).toBe(true);
  expect(await isServed(open, opening, open)).toBe(false);
  expect(await isServed(open, { ...opening, isUp: false }, other)).toBe(true);
  expect(await isServed({ ...open, isUp: false })).toBe(false);
});

test.each([
  ["has no such view", answered(0x2200, "table disk_usage does not exist"), true],
  ["does not know the question", answered(0x2200, "IN is not supported here"), true],
  ["tells it others only", answered(0x2100, "User bob has no SELECT permission"), true],
  ["does not answer", silent, false],
  ["is not connected yet", unconnected, false],
  ["has too much to do", answered(0x1001, "overloaded"), false],
])("a node that %s (%o): served is %s", async (_what, answer, served) => {
  expect(await isServed(open, { answer }, open)).toBe(served);
});

const tells = (version: string): Node => ({
  answer: [{ peer: "10.0.0.3", rpc_address: "10.0.0.3", schema_version: version }],
});

test("a node that does not answer about the schema keeps nobody from asking the next one; those elsewhere are not asked", async () => {
  const { ring, asked } = ringOf(other, { answer: silent }, tells("a"), tells("b"));
  expect(await agreesOnSchema(ring, false)).toBe(true);
  expect([...asked]).toEqual([1, 2]);
  expect(await agreesOnSchema(ringOf(other, { answer: silent }).ring, false)).toBe(false);
});

test("a keyspace is there unless all nodes that answer say that it is not", async () => {
  const none: Node = { answer: [] };
  const isKnown = (...nodes: readonly Node[]): Promise<boolean> =>
    isKnownSomewhere(ringOf(...nodes).ring, "k");
  expect(await isKnown(none, none, other)).toBe(false);
  expect(await isKnown(none, open)).toBe(true);
  expect(await isKnown(none, { answer: silent })).toBe(true);
  expect(await isKnown({ ...none, isUp: false })).toBe(true);
});
