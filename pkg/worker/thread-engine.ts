import { workerData } from "node:worker_threads";
import { asFault, toRecord } from "#pkg/fault";
import { forEachLimit } from "#pkg/async";
import { mayOverlap, runUnit } from "#pkg/engine";
import { guardProcessors } from "#pkg/processor";
import { openFiles } from "#pkg/transfer";
import type { UnitTask } from "#pkg/workflow";
import { collectorOf } from "./collect-garbage.ts";
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
  const opening = stores ?? opener.then((open) => open());
  stores = opening;
  opening.catch(() => {
    if (stores === opening) stores = undefined;
  });
  return opening;
}

/** So many units that come together are small: what they need of the memory of the thread is little even when two are in work. */
const SMALL_FROM = 4;
const SMALL_AT_ONCE = 2;

/** What runs units in this thread, when the driver of its store is there; rejects when that cannot be loaded. */
export async function loadEngine(): Promise<typeof runInThread> {
  await opener;
  return runInThread;
}

/** Runs units in this thread, in order; the thread keeps its stores, scripts and caches from unit to unit. */
async function runInThread(input: ThreadTask): Promise<void> {
  await forEachLimit(input.tasks.keys(), await unitsAtOnce(input.tasks), async (at) => {
    const numbered: NumberedAnswer = { at, answer: await runUnitAt(input, at) };
    // oxlint-disable-next-line require-post-message-target-origin -- a port between threads has no origin
    input.answers.postMessage(numbered);
  });
}

/** What goes wrong here goes wrong again in each unit, and is told there. */
async function unitsAtOnce(tasks: readonly UnitTask[]): Promise<number> {
  const [first] = tasks;
  if (first === undefined || tasks.length < SMALL_FROM) return 1;
  try {
    return (await mayOverlap(first, await openOnce())) ? SMALL_AT_ONCE : 1;
  } catch {
    return 1;
  }
}

async function runUnitAt(input: ThreadTask, at: number): Promise<ThreadAnswer> {
  const stopping = new AbortController();
  const progress = (rows: number): void => {
    Atomics.store(input.signals, SIGNALS.rows + at, rows | 0);
    if (Atomics.load(input.signals, SIGNALS.stop) !== 0) stopping.abort();
    collectGarbage();
  };
  try {
    const outcome = await runUnit(input.tasks[at] as UnitTask, {
      ...(await openOnce()),
      files: openFiles(input.policy, settings.transfer),
      processors: guardProcessors(processorsOf(input.processors), input.policy.code),
      memory: settings.memory,
      signal: stopping.signal,
      progress,
    });
    return { outcome };
  } catch (error) {
    return { fault: toRecord(error), stack: asFault(error).stack ?? "" };
  }
}
