import { workerData, type MessagePort } from "node:worker_threads";
import { asFault, toRecord } from "#pkg/fault";
import { forEachLimit } from "#pkg/async";
import { runUnit, unitsAtOnce, type EnginePorts } from "#pkg/engine";
import { guardProcessors } from "#pkg/processor";
import { openFiles } from "#pkg/transfer";
import type { UnitTask } from "#pkg/workflow";
import { collectorOf } from "./collect-garbage.ts";
import { collectingTables } from "./collecting-tables.ts";
import { keepProcessors } from "./thread-processors.ts";
import { loadThreadStores, type ThreadStores } from "./thread-stores.ts";
import {
  SIGNALS,
  type NumberedAnswer,
  type ThreadAnswer,
  type ThreadSettings,
  type ThreadTask,
} from "./thread-task.ts";

const settings = workerData as ThreadSettings;
const opener = loadThreadStores(settings);
const processorsOf = keepProcessors();
const collectGarbage = collectorOf(settings.memory);
/** Of the first unit that could open them. */
let stores: Promise<ThreadStores> | undefined;

function openOnce(): Promise<ThreadStores> {
  const opening = stores ?? openStores();
  stores = opening;
  opening.catch(() => {
    if (stores === opening) stores = undefined;
  });
  return opening;
}

async function openStores(): Promise<ThreadStores> {
  const open = await opener;
  const { control, tables } = await open();
  return { control, tables: collectGarbage ? collectingTables(tables, collectGarbage) : tables };
}

/** What runs units in this thread, when the driver of its store is there; rejects when that cannot be loaded. */
export async function loadEngine(): Promise<typeof runInThread> {
  await opener;
  return runInThread;
}

/** So many units that come together are quick. */
const QUICK_FROM = 4;

/** What the units of one task share. */
interface Bundle {
  readonly tasks: readonly UnitTask[];
  readonly ports: Omit<EnginePorts, keyof ThreadStores | "following" | "progress">;
  readonly progress: (at: number, rows: number) => void;
}

/** Runs units in this thread, in order; the thread keeps its stores, scripts and caches from unit to unit. */
async function runInThread(input: ThreadTask): Promise<void> {
  const bundle = openBundle(input);
  const answers = new Answers(input.answers);
  await forEachLimit(bundle.tasks.keys(), await atOnce(bundle), async (at) => {
    answers.add({ at, answer: await runUnitAt(bundle, at) });
  });
  answers.send();
}

function openBundle({ common, units, policy, processors, signals }: ThreadTask): Bundle {
  const stopping = new AbortController();
  return {
    tasks: units.map((unit) => ({ ...common, ...unit })),
    ports: {
      files: openFiles(policy, settings.transfer),
      processors: guardProcessors(processorsOf(processors), policy.code),
      memory: settings.memory,
      signal: stopping.signal,
    },
    progress(at, rows) {
      Atomics.store(signals, SIGNALS.rows + at, rows | 0);
      if (Atomics.load(signals, SIGNALS.stop) !== 0) stopping.abort();
      collectGarbage?.();
    },
  };
}

/** What goes wrong here goes wrong again in each unit, and is told there. */
async function atOnce({ tasks, ports: { memory } }: Bundle): Promise<number> {
  const [first] = tasks;
  if (first === undefined || tasks.length < QUICK_FROM) return 1;
  try {
    return await unitsAtOnce(first, { ...(await openOnce()), memory });
  } catch {
    return 1;
  }
}

async function runUnitAt({ tasks, ports, progress }: Bundle, at: number): Promise<ThreadAnswer> {
  try {
    const outcome = await runUnit(tasks[at] as UnitTask, {
      ...(await openOnce()),
      ...ports,
      following: following(tasks, at),
      progress: (rows) => progress(at, rows),
    });
    return { outcome };
  } catch (error) {
    return { fault: toRecord(error), stack: asFault(error).stack ?? "" };
  }
}

/** How many tasks from there on are about consecutive units. */
function following(tasks: readonly UnitTask[], at: number): number {
  let count = 0;
  const unitAt = (place: number): number | undefined => tasks[place]?.unit;
  while (unitAt(at + count + 1) === (unitAt(at) as number) + count + 1) count += 1;
  return count;
}

/** Sends answers that come in one turn of the event loop together. */
class Answers {
  readonly #port: MessagePort;
  #waiting: NumberedAnswer[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  add(answer: NumberedAnswer): void {
    if (this.#waiting.length === 0) setImmediate(() => this.send());
    this.#waiting.push(answer);
  }

  send(): void {
    if (this.#waiting.length === 0) return;
    // oxlint-disable-next-line require-post-message-target-origin -- a port between threads has no origin
    this.#port.postMessage(this.#waiting);
    this.#waiting = [];
  }
}
