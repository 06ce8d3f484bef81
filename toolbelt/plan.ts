import { resolve } from "node:path";
import { asFault, counted } from "#pkg/fault";
import { prepareRetry, prepareStart, type PreparedStart, type RetryRequest } from "#pkg/operator";
import { formatProblems } from "#pkg/script";
import { absoluteUrl } from "./absolute-url.ts";
import { readingFor } from "./files-for.ts";
import type { Context } from "./context.ts";
import type { NewRun } from "./execute.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { retryPlanReport, retryPlanText } from "./show-retry-plan.ts";
import { table } from "./show-summary.ts";

interface Style {
  readonly folder: string;
  readonly json: boolean;
}

/** Exit code 2 when the retry would be refused; 0 otherwise, also when there is nothing to do. */
export async function showRetryPlan(
  context: Context,
  request: Omit<RetryRequest, "absolute">,
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const prepared = await prepareRetry(installation.ports, {
    ...request,
    absolute: (url, folder) => absoluteUrl({ cwd: resolve(context.cwd, folder) }, url),
  });
  const { warnings } = prepared.script;
  if (warnings.length > 0) context.err(`${formatProblems(warnings)}\n`);
  context.out(
    style.json ? `${JSON.stringify(retryPlanReport(prepared))}\n` : retryPlanText(prepared),
  );
  return prepared.plan.refusals.length > 0 ? EXIT.misuse : EXIT.success;
}

/** Works without a data folder too: then there is no other run. */
export async function showStartPlan(
  context: Context,
  request: NewRun,
  style: Style,
): Promise<number> {
  const wanted = { ...request, absolute: (url: string) => absoluteUrl(context, url) };
  const prepared = await prepareIn(context, style.folder, wanted);
  if (prepared.warnings.length > 0) context.err(`${formatProblems(prepared.warnings)}\n`);
  const { run, startNodes, steps } = prepared;
  if (style.json) {
    const { keyspace } = request;
    context.out(`${JSON.stringify({ keyspace, run, startNodes, nodes: steps })}\n`);
  } else context.out(startPlanText(request.keyspace, prepared));
  return EXIT.success;
}

async function prepareIn(
  context: Context,
  folder: string,
  request: Parameters<typeof prepareStart>[1],
): Promise<PreparedStart> {
  const opened = await openInstallation(context, folder, { create: false }).catch(onlyMissing);
  if (opened === undefined)
    return prepareStart({ ...(await readingFor(context)), now: context.now }, request);
  await using installation = opened;
  return await prepareStart(installation.ports, request);
}

/** A place where nothing ever ran. */
function onlyMissing(error: unknown): undefined {
  if (asFault(error).code !== "STORE_UNAVAILABLE") throw error;
}

function startPlanText(keyspace: string, { run, steps }: PreparedStart): string {
  const cells = steps.map(({ node, action, batches, reason }) => [
    node,
    action,
    action === "leave" ? "" : batchText(batches),
    reason,
  ]);
  const heads = table(cells, cells[0]?.length ?? 0);
  const lines = steps.flatMap(({ problems }, at) =>
    [`  ${heads[at]}`].concat(problems.map((problem) => `      ! ${problem}`)),
  );
  return `${[`start of run ${run} of keyspace ${keyspace}:`, ...lines].join("\n")}\n`;
}

const batchText = (batches: number | undefined): string =>
  batches === undefined ? "batches by size" : counted(batches, "batch");
