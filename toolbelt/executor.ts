import { createControl } from "#pkg/control";
import { silentLog } from "#pkg/log";
import { workOnRun, type EngineThreads, type WorkEnd } from "#pkg/worker";
import type { RunRecord } from "#pkg/workflow";
import { openBroker } from "./broker.ts";
import type { Context } from "./context.ts";
import type { EngineSize } from "./engine.ts";
import type { Installation } from "./installation.ts";
import { openControl } from "./open-control.ts";
import type { Progress } from "./progress.ts";
import { watchRun } from "./watch-run.ts";

export interface Execution extends EngineSize {
  readonly folder: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly reportFile: string | undefined;
}

/** Who executes a run that a command starts or goes on with: this process, or the workers of the installation. */
export interface Executor extends AsyncDisposable {
  /** For RunRecord.executors: the session of this process, or nobody in particular. */
  readonly executors: readonly string[];
  removeDeadSessions(): Promise<void>;
  /** Returns when the run is final, nothing in it can move, or the signal was raised. */
  work(record: RunRecord, progress: Progress, signal: AbortSignal): Promise<WorkEnd>;
}

export const openExecutor = (
  context: Context,
  installation: Installation,
  execution: Execution,
): Promise<Executor> =>
  installation.engine === undefined
    ? openWatcher(context, installation)
    : openWorker(context, { ...installation, engine: installation.engine }, execution);

const MEGABYTE = 2 ** 20;
/** A second thread costs about 0.2 s of compiling before it brings anything; one thread reads this in about that time. */
const BYTES_WORTH_A_THREAD = 64 * MEGABYTE;

async function openWorker(
  context: Context,
  installation: Installation & { readonly engine: EngineThreads },
  execution: Execution,
): Promise<Executor> {
  const { ports, engine: threads } = installation;
  const control = await openControl(context, installation, execution.verbose);
  const deps = {
    store: ports.store,
    control: control.control,
    threads,
    log: control.log,
    monotonic: () => performance.now(),
    threadsFor: (inputBytes: number) =>
      execution.areThreadsFixed
        ? execution.threads
        : 1 + Math.floor(inputBytes / BYTES_WORTH_A_THREAD),
  };
  return {
    executors: [control.session],
    removeDeadSessions: () => control.removeDeadSessions(),
    work: (record, progress, signal) => workOnRun(deps, record, progress, signal),
    async [Symbol.asyncDispose]() {
      await threads[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}

/** Announces what is ready and then only looks on. */
async function openWatcher(context: Context, installation: Installation): Promise<Executor> {
  const { ports, settings } = installation;
  const queue = await openBroker(context, settings);
  const control = createControl({
    ...ports,
    session: "",
    newToken: () => ports.newId().replaceAll("-", ""),
    log: silentLog,
    ...(queue === undefined ? {} : { queue }),
  });
  return {
    executors: [],
    removeDeadSessions: () => Promise.resolve(),
    async work(record, progress, signal) {
      await control.advance(record.incarnation, record.run);
      return watchRun(context, { store: ports.store, control }, record, { progress, signal });
    },
    [Symbol.asyncDispose]: async () => queue?.[Symbol.asyncDispose](),
  };
}
