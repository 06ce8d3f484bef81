import { expect, test } from "vitest";
import type { Backend } from "./backend.ts";
import { controlStatements } from "./control-statements.ts";
import { GroupDirectory } from "./group-directory.ts";
import type { Statement } from "./statement.ts";

const phase = { incarnation: "i1", run: 1, node: "copy", phase: "rows" } as const;
const sums = { succeeded: 32, failed: 0, rejected: 0 };

/** A directory over a store that fails its first `failures` writes; what was sent. */
function directory(failures = 0) {
  const sent: string[] = [];
  const write = ({ what }: Statement): Promise<void> => {
    sent.push(what);
    return sent.length <= failures ? Promise.reject(new Error("lost")) : Promise.resolve();
  };
  const backend = { cql: { write }, statements: controlStatements("c") } as unknown as Backend;
  return { sent, directory: new GroupDirectory(backend) };
}

test("units that are claimed or end together enter and end their group once", async () => {
  const { sent, directory: groups } = directory();
  const units = Array.from({ length: 32 }, (_, at) => 80 + at);
  await Promise.all(units.map((unit) => groups.enter(phase, unit)));
  await Promise.all(units.map(() => groups.ended({ ...phase, first: 80 }, () => sums)));
  await groups.ended({ ...phase, first: 112 }, () => sums);
  expect(sent).toHaveLength(3);
});

test("what could not be written is written by the next who asks", async () => {
  const { sent, directory: groups } = directory(1);
  const group = { ...phase, first: 80 };
  await expect(groups.ended(group, () => sums)).rejects.toThrow("lost");
  await groups.ended(group, () => sums);
  expect(sent).toHaveLength(2);
});
