import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { UnitKey } from "../../control.ts";
import { openEmbeddedControl } from "../embedded-control.ts";
import { openEmbeddedTables } from "../embedded-tables.ts";

/** One of several processes or threads that race for the units of one phase and write a piece for each they get. */
export interface Contest {
  readonly folder: string;
  readonly name: string;
  readonly units: number;
}

const contest = (parentPort ? workerData : JSON.parse(process.argv[2] ?? "")) as Contest;
const report: ((unit: number) => unknown) | undefined =
  parentPort?.postMessage.bind(parentPort) ?? process.send?.bind(process);

await using control = await openEmbeddedControl({ folder: contest.folder });
await using tables = await openEmbeddedTables({ folder: contest.folder });
const place = { incarnation: "i1", run: 1, node: "read", phase: "rows" } as const;

async function attempt(unit: number): Promise<void> {
  const token = `${contest.name}-${unit}`;
  const key: UnitKey = { ...place, unit };
  const claim = { key, token, session: contest.name, epoch: 1, at: 0 };
  if (!(await control.claimUnit(claim)).granted) return;
  const piece = { kind: "chunk", name: "", part: -1, seq: 0 } as const;
  const data = new Uint8Array(20_000).fill(unit % 251);
  await tables.write({ ...place, unit, token }, [{ piece, data }]);
  const counts = { read: 1, written: 1, filtered: 0, rejected: 0, duplicates: 0 };
  const outcome = { counts, chunks: [1], bytes: data.length, valueHash: "" };
  if (await control.commitUnit({ key, token, epoch: 1, at: 0, result: { outcome } }))
    report?.(unit);
}

// Processes begin together, so that none has done everything before another has started.
if (process.send) {
  process.send("ready");
  await once(process, "message");
}

let next = 0;
async function contend(): Promise<void> {
  for (let unit = next; unit < contest.units; unit = next) {
    next += 1;
    await attempt(unit);
  }
}
await Promise.all(Array.from({ length: 4 }, contend));
