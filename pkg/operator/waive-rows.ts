import { sourceKey, type RunRecord } from "#pkg/workflow";
import { DecisionWriter } from "./decision-writer.ts";
import type { OperatorPorts } from "./ports.ts";
import { listRejected, type RejectedRequest } from "./rejected.ts";
import { recordRowDecision, type Decider } from "./row-decisions.ts";

export interface WaiveRequest extends RejectedRequest {
  readonly line?: number | undefined;
}

/** Waives the rejected rows that are asked for: single ones by their line, else all of an input with the same reason. */
export async function waiveRows(
  ports: OperatorPorts,
  request: WaiveRequest,
  decider: Decider,
): Promise<{ readonly run: RunRecord; readonly rows: number }> {
  const { run, places } = await listRejected(ports, request);
  const writer = new DecisionWriter(ports.store);
  let rows = 0;
  let last = "";
  for await (const piece of places())
    for (const { node, input, file, line, reason, isWaived } of piece) {
      if (isWaived || (request.line !== undefined && line !== request.line)) continue;
      rows += 1;
      if (request.line === undefined) writer.rule({ node, input, file, reason });
      // Pairs of a lookup that have the left row in common follow each other.
      else if (last !== (last = sourceKey({ node, input, file })))
        await writer.row({ node, input, file }, line, "waived");
    }
  await recordRowDecision(ports, run, writer, decider);
  return { run, rows };
}
