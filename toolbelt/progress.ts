import type { ControlStore } from "#pkg/store";
import type { ActiveUnit } from "#pkg/worker";
import type { RunRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { oneLine } from "./one-line.ts";
import { openTimeLeft, timeLeftText } from "./time-left.ts";

export interface Progress {
  tick(active: readonly ActiveUnit[]): Promise<void>;
  /** The newest estimate, for people; "" before the first. Only a terminal gets one. */
  timeLeft(): string;
  /** Shows what is left to show and clears the line that is redrawn. */
  finish(): Promise<void>;
}

const REDRAW_MS = 100;
const ESTIMATE_MS = 1000;
/** What a node waits for is in the status; told at each change it would drown the rest. */
const UNTOLD: ReadonlySet<string> = new Set(["wait", "nextPhase"]);
export const CLEAR_LINE = "\r\u001b[K";

/** Transitions of nodes as lines; on a terminal also a line, redrawn in place, with what runs and rows a second. */
export function openProgress(
  context: Context,
  store: ControlStore,
  record: RunRecord,
  quiet: boolean,
): Progress {
  const rates = new Map<string, number>();
  const timeLeft = openTimeLeft(store);
  const width = context.columns - 1;
  let seen = 0;
  let drawn = 0;
  let [estimated, left] = [0, ""];
  const showEvents = async (): Promise<void> => {
    const events = await store.events(record.incarnation, record.run, seen);
    for (const event of events) {
      seen = event.number;
      if (quiet || event.node === undefined || UNTOLD.has(event.kind)) continue;
      const line = `${event.node}: ${event.text}`;
      // The summary at the end says every cause in full.
      context.err(context.isTerminal ? `${CLEAR_LINE}${oneLine(line, width)}\n` : `${line}\n`);
    }
  };
  return {
    async tick(active) {
      await showEvents();
      const now = context.now();
      if (!context.isTerminal || quiet || now - drawn < REDRAW_MS) return;
      const rows = sumOfRows(active, rates);
      const rate = drawn === 0 ? 0 : Math.max(0, (rows * 1000) / (now - drawn));
      drawn = now;
      if (now - estimated >= ESTIMATE_MS) {
        estimated = now;
        left = timeLeftText(await timeLeft.estimate(record));
      }
      const line = `${active.map(({ node, unit }) => `${node}#${unit}`).join(" ")}  ${Math.round(rate).toLocaleString("en")} rows/s  time left: ${left}`;
      context.err(`${CLEAR_LINE}${oneLine(line, width)}`);
    },
    timeLeft: () => left,
    async finish() {
      await showEvents();
      if (context.isTerminal && !quiet) context.err(CLEAR_LINE);
    },
  };
}

/** Rows done since the last call; `known` keeps what each unit had then. */
function sumOfRows(active: readonly ActiveUnit[], known: Map<string, number>): number {
  let rows = 0;
  for (const { node, phase, unit, rows: done } of active) {
    const key = `${node} ${phase} ${unit}`;
    rows += Math.max(0, done - (known.get(key) ?? 0));
    known.set(key, done);
  }
  return rows;
}
