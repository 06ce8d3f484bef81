import { MessageChannel, receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { asFault, Fault, fromRecord } from "#pkg/fault";
import type { UnitOutcome, UnitTask } from "#pkg/workflow";
import { SIGNALS, type NumberedAnswer, type ThreadAnswer, type ThreadTask } from "./thread-task.ts";

export interface RunningUnit {
  readonly outcome: Promise<UnitOutcome>;
  /** Rows done so far. */
  rows(): number;
}

export interface RunningUnits {
  /** In the order of the tasks. */
  readonly units: readonly RunningUnit[];
  /** After the last answer: milliseconds since a thread had them; undefined when the thread died of one of several. */
  elapsedMs(): number | undefined;
}

/** What a thread is given for these units and no others. */
export type Parcel = Pick<ThreadTask, "common" | "units" | "signals" | "answers">;

/**
 * Runs units of one phase in one thread. `send` hands them to a thread, says when that has begun, and ends when the thread has answered for all of
 * them or is dead.
 */
export function runUnits(
  tasks: readonly UnitTask[],
  signal: AbortSignal,
  send: (parcel: Parcel, begun: () => void) => Promise<unknown>,
): RunningUnits {
  const signals = new Int32Array(new SharedArrayBuffer(4 * (SIGNALS.rows + tasks.length)));
  const stop = (): unknown => Atomics.store(signals, SIGNALS.stop, 1);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  let beganAt = 0;
  const begun = (): void => {
    beganAt = performance.now();
  };
  const answers = new Answers(tasks.length);
  void send({ ...packed(tasks), signals, answers: answers.port }, begun)
    .then(
      () => answers.end(undefined),
      (error: unknown) => answers.end(error),
    )
    .finally(() => signal.removeEventListener("abort", stop));
  return {
    units: answers.outcomes.map((outcome, at) => ({
      outcome,
      rows: () => Atomics.load(signals, SIGNALS.rows + at),
    })),
    elapsedMs: () => (answers.endedAt === undefined ? undefined : answers.endedAt - beganAt),
  };
}

/** What the units have in common is sent once. */
function packed(tasks: readonly UnitTask[]): Pick<Parcel, "common" | "units"> {
  const { unit: _unit, token: _token, ...common } = tasks[0] as UnitTask;
  return { common, units: tasks.map(({ unit, token }) => ({ unit, token })) };
}

interface Settle {
  readonly resolve: (outcome: UnitOutcome) => void;
  readonly reject: (fault: Fault) => void;
}

/** What becomes of each of the units that a thread runs, told one by one. */
class Answers {
  readonly outcomes: readonly Promise<UnitOutcome>[];
  /** For the thread. */
  readonly port: MessagePort;
  /** When the thread had answered for all. */
  endedAt: number | undefined;
  readonly #own: MessagePort;
  readonly #open = new Map<number, Settle>();

  constructor(count: number) {
    this.outcomes = Array.from(
      { length: count },
      (_, at) =>
        new Promise<UnitOutcome>((resolve, reject) => {
          this.#open.set(at, { resolve, reject });
        }),
    );
    const { port1, port2 } = new MessageChannel();
    this.#own = port1;
    this.port = port2;
    port1.on("message", (answers: readonly NumberedAnswer[]) => this.#receive(answers));
  }

  end(error: unknown): void {
    // What the thread sent before it ended may not have been handed out yet.
    for (
      let last = receiveMessageOnPort(this.#own);
      last !== undefined;
      last = receiveMessageOnPort(this.#own)
    )
      this.#receive(last.message as readonly NumberedAnswer[]);
    this.#own.close();
    for (const { reject } of this.#open.values())
      reject(threadDied(error, this.outcomes.length === 1));
  }

  #receive(answers: readonly NumberedAnswer[]): void {
    for (const { at, answer } of answers) {
      if ("outcome" in answer) this.#open.get(at)?.resolve(answer.outcome);
      else this.#open.get(at)?.reject(faultOf(answer));
      this.#open.delete(at);
    }
    if (this.#open.size === 0) this.endedAt = performance.now();
  }
}

type Failure = Extract<ThreadAnswer, { readonly stack: string }>;

function faultOf({ fault: record, stack }: Failure): Fault {
  const fault = fromRecord(record);
  fault.stack = stack;
  return fault;
}

function threadDied(error: unknown, isAlone: boolean): Fault {
  const cause = asFault(error);
  const message = `the engine thread ended: ${cause.message}`;
  return isAlone
    ? new Fault("THREAD_DIED", message, { cause, retryable: true })
    : new Fault("STOPPED", message, { cause });
}
