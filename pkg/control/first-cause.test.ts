import { expect, test } from "vitest";
import type { FaultRecord } from "#pkg/fault";
import { lastCause, type UnitRecord } from "#pkg/workflow";
import { explainingUnit } from "./first-cause.ts";

const failed = (unit: number, ...causes: readonly Partial<FaultRecord>[]) => ({
  unit,
  record: { state: "fail", causes } as unknown as UnitRecord,
});
const duplicate = (batch: number, position: number): Partial<FaultRecord> => ({
  code: "DUPLICATE_KEY",
  facts: { second: { batch, position } },
});

test("of duplicates in several partitions the lowest row explains the node", () => {
  const units = [
    failed(0, duplicate(2, 0)),
    failed(1, duplicate(1, 9)),
    failed(2, duplicate(1, 7)),
  ];
  expect(explainingUnit(units)?.unit).toBe(2);
});

test("of other faults the lowest unit explains the node, by its last cause", () => {
  const units = [
    failed(3, { code: "CELL_INVALID", facts: {} }),
    failed(1, {}, { code: "RECORD_INVALID", facts: {} }),
  ];
  const unit = explainingUnit(units);
  expect(unit?.unit).toBe(1);
  expect(unit && lastCause(unit.record).code).toBe("RECORD_INVALID");
  expect(explainingUnit([])).toBeUndefined();
});
