import { workerData } from "node:worker_threads";
import { asFault, toRecord } from "#pkg/fault";
import { runUnit } from "#pkg/engine";
import { guardProcessors } from "#pkg/processor";
import { openFiles } from "#pkg/transfer";
import type { UnitTask } from "#pkg/workflow";
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
const openStores = await loadThreadStores(settings.store);
const processorsOf = keepProcessors();
/** Of the first unit that could open them. */
let stores: ThreadStores | undefined;

/** Runs units in this thread one after the other; the thread keeps its stores, scripts and caches from unit to unit. */
export async function runInThread(input: ThreadTask): Promise<void> {
  for (let at = 0; at < input.tasks.length; at += 1) {
    const numbered: NumberedAnswer = { at, answer: await runUnitAt(input, at) };
    // oxlint-disable-next-line require-post-message-target-origin -- a port between threads has no origin
    input.answers.postMessage(numbered);
  }
}

async function runUnitAt(input: ThreadTask, at: number): Promise<ThreadAnswer> {
  const stopping = new AbortController();
  const progress = (rows: number): void => {
    Atomics.store(input.signals, SIGNALS.rows + at, rows | 0);
    if (Atomics.load(input.signals, SIGNALS.stop) !== 0) stopping.abort();
  };
  try {
    stores ??= await openStores();
    const outcome = await runUnit(input.tasks[at] as UnitTask, {
      ...stores,
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
