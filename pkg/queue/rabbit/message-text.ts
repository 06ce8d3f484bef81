import { PHASES } from "#pkg/workflow";
import type { UnitMessage } from "../queue.ts";

export const encodeMessage = ({ incarnation, run, node, phase, unit }: UnitMessage): Buffer =>
  Buffer.from(JSON.stringify({ incarnation, run, node, phase, unit }));

/** Undefined for anything that is not a message of this version. */
export function decodeMessage(content: Buffer): UnitMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content.toString());
  } catch {
    return undefined; // what is no JSON is no message
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { incarnation, run, node, phase, unit } = value as Record<string, unknown>;
  const isMessage =
    typeof incarnation === "string" &&
    typeof node === "string" &&
    isNumber(run) &&
    isNumber(unit) &&
    (PHASES as readonly unknown[]).includes(phase);
  return isMessage ? ({ incarnation, run, node, phase, unit } as UnitMessage) : undefined;
}

const isNumber = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
