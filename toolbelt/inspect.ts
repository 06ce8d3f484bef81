import { shownUrl } from "#pkg/fault";
import { findKeyspace, findRun, reportRun } from "#pkg/operator";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { csvLine } from "./csv-line.ts";
import { resumeCommand } from "./resume-command.ts";
import { summaryOf, table } from "./show-summary.ts";
import { openTimeLeft, timeLeftText } from "./time-left.ts";

interface Style {
  readonly folder: string;
  readonly json: boolean;
}

/** Report of one run, as a table or JSON. */
export async function showStatus(
  context: Context,
  wanted: { readonly keyspace: string; readonly run: number | undefined },
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const { store } = installation.ports;
  const record = await findRun(store, wanted.keyspace, wanted.run);
  const report = await reportRun(store, record, context.now());
  const isOpen = record.state === "running";
  const left = isOpen ? await openTimeLeft(store).estimate(record) : undefined;
  if (style.json)
    context.out(`${JSON.stringify(isOpen ? { ...report, remainingMs: left ?? null } : report)}\n`);
  else {
    const open = isOpen ? `time left: ${timeLeftText(left)}\n` : "";
    // Where workers execute runs somebody always does; here a process may have been killed.
    const resume =
      isOpen && !installation.byDaemons
        ? `when no process works on it any more, go on with: ${resumeCommand(context, installation, record)}\n`
        : "";
    context.out(summaryOf(report) + open + resume);
  }
  return EXIT.success;
}

/** Runs of all keyspaces or of one, oldest first. */
export async function showRuns(
  context: Context,
  keyspace: string | undefined,
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const { store } = installation.ports;
  const keyspaces =
    keyspace === undefined ? await store.keyspaces() : [await findKeyspace(store, keyspace)];
  const rows = [];
  for (const { name, incarnation } of keyspaces) {
    for (const run of await store.runs(incarnation))
      rows.push({
        keyspace: name,
        run: run.run,
        state: run.state,
        outcome: run.outcome ?? "",
        started: new Date(run.startedAt).toISOString(),
        script: shownUrl(run.retry?.scriptUrl ?? run.scriptUrl),
      });
  }
  if (style.json) context.out(`${JSON.stringify(rows)}\n`);
  else {
    const header = ["keyspace", "run", "state", "outcome", "started", "script"];
    const cells = rows.map((row) => Object.values(row).map(String));
    context.out(`${table([header, ...cells], header.length).join("\n")}\n`);
  }
  return EXIT.success;
}

interface PreviewRequest {
  readonly table: string;
  readonly keyspace: string;
  readonly run: number | undefined;
  readonly from: number;
  readonly rows: number;
}

/** Rows of a table on stdout: CSV with a header, or a JSON array of objects. */
export async function previewTable(
  context: Context,
  request: PreviewRequest,
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const { preview } = await import("#pkg/operator");
  const { names, rows } = await preview(installation.ports, request);
  if (style.json) {
    const objects = rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])));
    context.out(`${JSON.stringify(objects)}\n`);
  } else {
    context.out([names, ...rows].map(csvLine).join(""));
  }
  return EXIT.success;
}
