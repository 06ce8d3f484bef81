import type { FileTableNode } from "#pkg/script";
import type { TableStore } from "#pkg/store";
import type { UnitOutcome } from "#pkg/workflow";
import { emptyOutcome } from "./accounting.ts";
import type { CommittedUnit } from "./committed.ts";
import { withInput } from "./file-input.ts";
import { inputRanges, type InputRange } from "./input-blocks.ts";
import { PieceSink, placeOf } from "./piece-sink.ts";
import type { NodeContext } from "./types.ts";

const RANGES = { kind: "ranges", name: "", part: 0, seq: 0 } as const;

/** Phase split of file_table: unit = file. Finds ranges of whole records; memory: one read buffer. */
export async function splitFile(context: NodeContext<FileTableNode>): Promise<UnitOutcome> {
  const { task, ports, node } = context;
  const ranges = await withInput(context, task.unit, (file, url) =>
    inputRanges({ node, open: file, url }, task.constants.rangeSize),
  );
  const sink = new PieceSink(ports.tables, placeOf(task));
  await sink.put(RANGES, new TextEncoder().encode(JSON.stringify(ranges)));
  await sink.end();
  return { ...emptyOutcome({}), bytes: sink.bytes, ranges: ranges.length };
}

/** Range number `unit` counted over all files in order. */
export async function rangeOfUnit(
  tables: TableStore,
  splits: readonly CommittedUnit[],
  unit: number,
): Promise<{ readonly file: number; readonly range: InputRange } | undefined> {
  let first = 0;
  for (const { place, outcome } of splits) {
    const count = outcome.ranges ?? 0;
    if (unit < first + count) {
      const text = new TextDecoder().decode(await tables.read(place, RANGES));
      const range = (JSON.parse(text) as readonly InputRange[])[unit - first];
      return range === undefined ? undefined : { file: place.unit, range };
    }
    first += count;
  }
  return undefined;
}
