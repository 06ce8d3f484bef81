import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { openControl, type WorkingControl } from "./open-control.ts";
import { asFault, Fault } from "#pkg/fault";
import { findUnfinished, reportRun, startRun, type RunReport } from "#pkg/operator";
import { formatProblems } from "#pkg/script";
import { everything } from "#pkg/security";
import { openPool, workOnRun, type WorkEnd } from "#pkg/worker";
import type { RunConstants, RunRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation, type Installation } from "./installation.ts";
import { openProgress } from "./progress.ts";
import { summaryOf } from "./show-summary.ts";

export interface Execution {
  readonly folder: string;
  readonly threads: number;
  readonly areThreadsFixed: boolean;
  readonly memoryMb: number;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly reportFile: string | undefined;
}

export interface NewRun {
  readonly keyspace: string;
  readonly scriptUrl: string;
  readonly parametersUrl: string;
  readonly overrides: Readonly<Record<string, string>>;
  readonly startNodes?: readonly string[];
  readonly onlyNodes?: readonly string[];
  readonly constants: RunConstants;
  /** Told as soon as the run is visible. */
  readonly onStarted?: (record: RunRecord) => void;
}

/** `run`: start, execute here, summary; resolves with the exit code. */
export async function executeNewRun(
  context: Context,
  request: NewRun,
  execution: Execution,
): Promise<number> {
  await using installation = await openInstallation(context, execution.folder, { create: true });
  return await execute(context, installation, execution, async ({ session }) => {
    const { record, warnings } = await startRun(installation.ports, {
      ...request,
      executors: [session],
      description: "",
      startedBy: `os:${context.user}`,
      absolute: (url) => resolve(context.cwd, url),
    });
    if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
    request.onStarted?.(record);
    context.err(
      `run ${record.run} of keyspace ${record.keyspace} started: ${record.affected.length} nodes\n`,
    );
    return record;
  });
}

/** `resume`: join the executors of an unfinished run and go on; resolves with the exit code. */
export async function executeResume(
  context: Context,
  wanted: { readonly keyspace: string | undefined; readonly run: number | undefined },
  execution: Execution,
): Promise<number> {
  await using installation = await openInstallation(context, execution.folder, { create: false });
  return await execute(context, installation, execution, async (control) => {
    const { store } = installation.ports;
    await control.removeDeadSessions();
    for (;;) {
      const record = await findUnfinished(store, wanted);
      const next = {
        ...record,
        version: record.version + 1,
        // No executors: any worker may attend the run, this one too; naming it would exclude the others.
        executors: record.executors.length === 0 ? [] : [...record.executors, control.session],
      };
      if (!(await store.updateRun(next))) continue;
      context.err(`run ${record.run} of keyspace ${record.keyspace} goes on\n`);
      return next;
    }
  });
}

const MEGABYTE = 2 ** 20;
/** A second thread costs about 0.2 s of compiling before it brings anything; one thread reads this in about that time. */
const BYTES_WORTH_A_THREAD = 64 * MEGABYTE;

async function execute(
  context: Context,
  installation: Installation,
  execution: Execution,
  begin: (control: WorkingControl) => Promise<RunRecord>,
): Promise<number> {
  const { ports, folder } = installation;
  await using control = await openControl(context, installation, execution.verbose);
  await using threads = openPool({
    store: { kind: "embedded", folder },
    threads: execution.threads,
    memory: Math.floor((execution.memoryMb * MEGABYTE) / execution.threads),
    policy: everything,
  });
  const interrupt = listenForInterrupt(context);
  const record = await begin(control).catch((error: unknown) => {
    interrupt.close();
    throw error;
  });
  const progress = openProgress(context, ports.store, record, execution.json);
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
  try {
    const end = await workOnRun(deps, record, progress, interrupt.signal);
    await progress.finish();
    if (end === "interrupted") tellHowToResume(context, execution, record);
    return await conclude(context, installation, execution, { record, end });
  } catch (error) {
    if (asFault(error).code !== "KEYSPACE_DROPPING") tellHowToResume(context, execution, record);
    throw error;
  } finally {
    interrupt.close();
  }
}

function tellHowToResume(context: Context, { folder }: Execution, record: RunRecord): void {
  const command = `capitoolbelt resume --keyspace ${record.keyspace} --run ${record.run} --data ${folder}`;
  context.err(`run ${record.run} is not finished; go on with: ${command}\n`);
}

function listenForInterrupt(context: Context): { readonly signal: AbortSignal; close(): void } {
  const interrupted = new AbortController();
  const close = context.onInterrupt(() => {
    if (interrupted.signal.aborted) context.exitNow(EXIT.unavailable);
    context.err("interrupted: handing work back (once more ends at once)\n");
    interrupted.abort();
  });
  return { signal: interrupted.signal, close };
}

interface Ended {
  readonly record: RunRecord;
  readonly end: WorkEnd;
}

async function conclude(
  context: Context,
  installation: Installation,
  execution: Execution,
  { record, end }: Ended,
): Promise<number> {
  const { store } = installation.ports;
  const latest = await store.run(record.incarnation, record.run);
  if (latest === undefined) throw droppedUnderRun(record);
  const report = await reportRun(store, latest, context.now());
  if (execution.reportFile !== undefined)
    await writeFile(
      resolve(context.cwd, execution.reportFile),
      `${JSON.stringify(report, null, 2)}\n`,
    );
  if (execution.json) context.out(`${JSON.stringify(report)}\n`);
  context.err(summaryOf(report));
  return exitCodeOfRun(report, end);
}

const droppedUnderRun = ({ keyspace, run }: RunRecord): Fault =>
  new Fault("KEYSPACE_DROPPING", `keyspace ${keyspace} was dropped while run ${run} was going on`, {
    facts: { keyspace, run },
    hint: "Start a new run; files that were published before stay.",
  });

function exitCodeOfRun(report: RunReport, end: WorkEnd): number {
  if (end === "interrupted") return EXIT.unavailable;
  if (end === "stuck") return EXIT.waiting;
  if (report.state === "stopped") return EXIT.stopped;
  return report.outcome === "succeeded" ? EXIT.success : EXIT.nodeFailed;
}
