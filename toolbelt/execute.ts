import { resolve } from "node:path";
import { asFault, counted, Fault } from "#pkg/fault";
import {
  findUnfinished,
  prepareRetry,
  reportRun,
  startRetry,
  startRun,
  prepareReplay,
  type PreparedRetry,
  type ReplayRequest,
  type RetryRequest,
  type RunReport,
  type StartRequest,
} from "#pkg/operator";
import { formatProblems } from "#pkg/script";
import type { WorkEnd } from "#pkg/worker";
import { hasWork, type AppliedDecisions, type RunRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openExecutor, type Execution, type Executor } from "./executor.ts";
import { openInstallation, type Installation } from "./installation.ts";
import { openProgress } from "./progress.ts";
import { checkReportFile, writeReportFile } from "./report-file.ts";
import { retryPlanReport, retryPlanText } from "./show-retry-plan.ts";
import { decidedText } from "./decided-text.ts";
import { resumeCommand } from "./resume-command.ts";
import { summaryOf } from "./show-summary.ts";
import { absoluteUrl } from "./absolute-url.ts";

export interface NewRun extends Omit<
  StartRequest,
  "executors" | "description" | "startedBy" | "absolute" | "prepare"
> {
  /** Told as soon as the run is visible. */
  readonly onStarted?: (record: RunRecord) => void;
}

/** `run`: start, execute here, summary; resolves with the exit code. */
export async function executeNewRun(
  context: Context,
  request: NewRun,
  execution: Execution,
): Promise<number> {
  await using installation = await openInstallation(context, execution.folder, {
    create: true,
    engine: execution,
  });
  return await execute(context, installation, execution, async ({ executors }) => {
    const { record, warnings } = await startRun(installation.ports, {
      ...request,
      executors,
      description: "",
      startedBy: `os:${context.user}`,
      absolute: (url) => absoluteUrl(context, url),
      ...(installation.byDaemons ? {} : { prepare: installation.processors.prepare }),
    });
    if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
    request.onStarted?.(record);
    context.err(
      `run ${record.run} of keyspace ${record.keyspace} started: ${counted(record.affected.length, "node")}\n`,
    );
    return record;
  });
}

/** `retry`: show the plan, start a run that takes over what it can, execute it here; resolves with the exit code. */
export async function executeRetry(
  context: Context,
  request: Omit<RetryRequest, "absolute">,
  execution: Execution,
): Promise<number> {
  await using installation = await openInstallation(context, execution.folder, {
    create: false,
    engine: execution,
  });
  const { ports } = installation;
  const prepared = await prepareRetry(ports, {
    ...request,
    absolute: (url, folder) => absoluteUrl({ cwd: resolve(context.cwd, folder) }, url),
  });
  const { warnings } = prepared.script;
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  return await executePrepared(context, installation, execution, { prepared });
}

/** `replay`: a retry of what rejected rows are decided about, which applies the decisions; resolves with the exit code. */
export async function executeReplay(
  context: Context,
  request: Omit<ReplayRequest, "absolute">,
  execution: Execution,
  onlyPlan: boolean,
): Promise<number> {
  await using installation = await openInstallation(context, execution.folder, {
    create: false,
    ...(onlyPlan ? {} : { engine: execution }),
  });
  const replay = await prepareReplay(installation.ports, {
    ...request,
    absolute: (url, folder) => resolve(context.cwd, folder, url),
  });
  if (replay === undefined) {
    context.err("nothing to replay: no rejected row was corrected or waived since the run\n");
    return EXIT.success;
  }
  const { retry: prepared, corrections, corrected, waived } = replay;
  context.err(`${onlyPlan ? "to be applied" : "applied"}: ${decidedText({ corrected, waived })}\n`);
  if (!onlyPlan)
    return await executePrepared(context, installation, execution, { prepared, corrections });
  context.out(
    execution.json
      ? `${JSON.stringify({ corrected, waived, ...retryPlanReport(prepared) })}\n`
      : retryPlanText(prepared, true),
  );
  return prepared.plan.refusals.length > 0 ? EXIT.misuse : EXIT.success;
}

interface ToExecute {
  readonly prepared: PreparedRetry;
  readonly corrections?: AppliedDecisions;
}

async function executePrepared(
  context: Context,
  installation: Installation,
  execution: Execution,
  { prepared, corrections }: ToExecute,
): Promise<number> {
  const { ports } = installation;
  if (!execution.json) context.err(retryPlanText(prepared, corrections !== undefined));
  const starter = {
    description: "",
    startedBy: `os:${context.user}`,
    ...(corrections ? { corrections } : {}),
  };
  if (!hasWork(prepared.plan)) {
    await startRetry(ports, prepared, { ...starter, executors: [] });
    if (execution.json) context.out(`${JSON.stringify(retryPlanReport(prepared))}\n`);
    return EXIT.success;
  }
  return execute(context, installation, execution, async ({ executors }) => {
    const record = await startRetry(ports, prepared, { ...starter, executors });
    if (record === undefined) throw new Fault("INTERNAL", "a retry with work was not started");
    context.err(
      `run ${record.run} of keyspace ${record.keyspace} retries run ${prepared.of.run}\n`,
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
  await using installation = await openInstallation(context, execution.folder, {
    create: false,
    engine: execution,
  });
  return await execute(context, installation, execution, async (executor) => {
    const { store } = installation.ports;
    await executor.removeDeadSessions();
    for (;;) {
      const record = await findUnfinished(store, wanted);
      const next = {
        ...record,
        version: record.version + 1,
        // Nobody in particular: any worker may attend the run, this one too; naming one would exclude the others.
        executors:
          installation.byDaemons || record.executors.length === 0
            ? []
            : [...record.executors, ...executor.executors],
      };
      if (!(await store.updateRun(next))) continue;
      context.err(`run ${record.run} of keyspace ${record.keyspace} goes on\n`);
      return next;
    }
  });
}

async function execute(
  context: Context,
  installation: Installation,
  execution: Execution,
  begin: (executor: Executor) => Promise<RunRecord>,
): Promise<number> {
  const { ports } = installation;
  const reportFile = reportFileOf(context, execution);
  if (reportFile !== undefined) await checkReportFile(reportFile);
  await using executor = await openExecutor(context, installation, execution);
  const interrupt = listenForInterrupt(context);
  const record = await begin(executor).catch((error: unknown) => {
    interrupt.close();
    throw error;
  });
  const progress = openProgress(context, ports.store, record, execution.json);
  try {
    const end = await executor.work(record, progress, interrupt.signal);
    await progress.finish();
    const code = await conclude(context, installation, execution, { record, end });
    // Last, below the table of the nodes, where it is seen.
    if (end === "interrupted") tellHowToResume(context, installation, record);
    return code;
  } catch (error) {
    if (asFault(error).code !== "KEYSPACE_DROPPING") tellHowToResume(context, installation, record);
    throw error;
  } finally {
    interrupt.close();
  }
}

function tellHowToResume(context: Context, installation: Installation, record: RunRecord): void {
  const command = resumeCommand(context, installation, record);
  context.err(
    installation.byDaemons
      ? `run ${record.run} goes on without this command; watch it again with: ${command}\n`
      : `run ${record.run} is not finished; go on with: ${command}\n`,
  );
}

function listenForInterrupt(context: Context): { readonly signal: AbortSignal; close(): void } {
  const interrupted = new AbortController();
  const close = context.onInterrupt(() => {
    if (interrupted.signal.aborted) context.exitNow(EXIT.unavailable);
    context.err("interrupted: ending (once more ends at once)\n");
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
  const reportFile = reportFileOf(context, execution);
  if (reportFile !== undefined) await writeReportFile(reportFile, report);
  if (execution.json) context.out(`${JSON.stringify(report)}\n`);
  context.err(summaryOf(report));
  return exitCodeOfRun(report, end);
}

const reportFileOf = (context: Context, { reportFile }: Execution): string | undefined =>
  reportFile === undefined ? undefined : resolve(context.cwd, reportFile);

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
