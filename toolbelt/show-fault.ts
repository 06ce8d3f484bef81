import { asFault, toRecord } from "#pkg/fault";
import type { Context } from "./context.ts";

export interface FaultStyle {
  readonly verbose: boolean;
  readonly json: boolean;
}

/** One fault on stderr: message, way out; with --verbose the stack, with --json the record. */
export function showFault(context: Pick<Context, "err">, error: unknown, style: FaultStyle): void {
  const fault = asFault(error);
  if (style.json) {
    context.err(`${JSON.stringify({ error: toRecord(fault) })}\n`);
  } else {
    context.err(`error ${fault.code}: ${fault.message}\n`);
    if (fault.hint !== "") context.err(`  → ${fault.hint}\n`);
  }
  if (style.verbose) context.err(`${stackOf(fault)}\n`);
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}
