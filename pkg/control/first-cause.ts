import { lastCause, type UnitRecord } from "#pkg/workflow";

interface FailedUnit {
  readonly unit: number;
  readonly record: UnitRecord;
}

/** The unit whose cause explains the node: the lowest duplicate over all partitions (design 5), else the lowest unit number. */
export function explainingUnit<Failed extends FailedUnit>(
  failed: readonly Failed[],
): Failed | undefined {
  return failed.toSorted(
    (a, b) => compareRows(duplicateOf(a), duplicateOf(b)) || a.unit - b.unit,
  )[0];
}

interface RowId {
  readonly batch: number;
  readonly position: number;
}

const duplicateOf = (failed: FailedUnit): RowId | undefined => {
  const { code, facts } = lastCause(failed.record);
  return code === "DUPLICATE_KEY" ? (facts["second"] as RowId) : undefined;
};

function compareRows(a: RowId | undefined, b: RowId | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return a.batch - b.batch || a.position - b.position;
}
