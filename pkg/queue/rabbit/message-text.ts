import { PHASES } from "#pkg/workflow";
import type { UnitMessage } from "../queue.ts";

export const encodeMessage = ({
  incarnation,
  run,
  node,
  phase,
  unit,
  units,
}: UnitMessage): Buffer =>
  Buffer.from(JSON.stringify({ incarnation, run, node, phase, unit, units }));

/** Undefined for anything that is not a message of this version. */
export function decodeMessage(content: Buffer): UnitMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content.toString());
  } catch {
    return undefined; // what is no JSON is no message
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { incarnation, run, node, phase, unit, units } = value as Record<string, unknown>;
  const isMessage =
    typeof incarnation === "string" &&
    typeof node === "string" &&
    isNumber(run) &&
    isNumber(unit) &&
    (units === undefined || isNumber(units)) &&
    (PHASES as readonly unknown[]).includes(phase);
  if (!isMessage) return undefined;
  const message = { incarnation, run, node, phase, unit } as UnitMessage;
  return units === undefined ? message : { ...message, units };
}

const isNumber = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
