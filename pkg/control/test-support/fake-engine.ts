import type { TableStore } from "#pkg/store";
import type { Files } from "#pkg/transfer";
import { nodeNamed, type Script } from "#pkg/script";
import { outputUrl, type UnitOutcome, type UnitTask } from "#pkg/workflow";

export interface EnginePorts {
  readonly tables: TableStore;
  readonly files: Files;
}

const ROWS = 3;

/** Finishes any unit with a small synthetic result; what it writes carries the token, as the real engine's does. */
export async function runFakeUnit(
  task: UnitTask,
  script: Script,
  { tables, files }: EnginePorts,
): Promise<UnitOutcome> {
  const { incarnation, run, node: name, phase, unit, token } = task;
  const node = nodeNamed(script, name);
  const outcome: UnitOutcome = {
    counts: { read: ROWS, written: ROWS, filtered: 0, rejected: 0, duplicates: 0 },
    chunks: [],
    bytes: 1000,
    valueHash: `${name}-${phase}-${unit}`,
  };
  if (node.kind === "table_file") {
    const url = outputUrl(node.writer.urlTemplate, run, unit);
    const file = await files.createTemporary(url, token);
    await file.write(new TextEncoder().encode(`${name} ${unit}\n`));
    return { ...outcome, output: await file.finish() };
  }
  const data = new TextEncoder().encode(`${name} ${phase} ${unit}`);
  const kind = phase === "rows" ? "chunk" : phase === "split" ? "ranges" : "shuffle";
  const piece = { kind, name: "", part: 0, seq: 0 } as const;
  await tables.write({ incarnation, run, node: name, phase, unit, token }, [{ piece, data }]);
  if (phase === "split") return { ...outcome, ranges: 2 };
  if (phase === "finish") return { ...outcome, dropped: unit === 0 ? [{ batch: 0, rows: 1 }] : [] };
  return phase === "rows" ? { ...outcome, chunks: [2, 1] } : outcome;
}
