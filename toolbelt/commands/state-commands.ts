import { dataFolder, wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface StateFlags {
  readonly keyspace?: string;
  readonly run?: number;
  readonly data?: string;
  readonly json?: true;
}

/** `capitoolbelt status`: nodes of one run with rows, causes and what they wait for. */
export const statusCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("status")
      .description("show the nodes of a run: state, rows, time, cause, what they wait for")
      .requiredOption("--keyspace <name>", "keyspace")
      .option("--run <number>", "run (default: the newest)", wholeNumber(1))
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print the run report as JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt status --keyspace orders")
      .action(async (flags: StateFlags & { readonly keyspace: string }) => {
        const { showStatus } = await import("../inspect.ts");
        const { keyspace, run } = flags;
        const style = { folder: dataFolder(context, flags.data), json: flags.json === true };
        finish(await showStatus(context, { keyspace, run }, style));
      });
  },
};

/** `capitoolbelt runs`: all keyspaces, or the runs of one. */
export const runsCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("runs")
      .description("list keyspaces and their runs")
      .option("--keyspace <name>", "only this keyspace")
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt runs --json")
      .action(async (flags: StateFlags) => {
        const { showRuns } = await import("../inspect.ts");
        const style = { folder: dataFolder(context, flags.data), json: flags.json === true };
        finish(await showRuns(context, flags.keyspace, style));
      });
  },
};

interface PreviewFlags extends StateFlags {
  readonly keyspace: string;
  readonly rows: number;
  readonly from: number;
}

const PREVIEW_ROWS = 20;

/** `capitoolbelt preview`: some rows of a table as CSV. */
export const previewCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("preview")
      .description("print rows of a table as CSV")
      .argument("<table>", "table name")
      .requiredOption("--keyspace <name>", "keyspace")
      .option(
        "--run <number>",
        "run that wrote the table (default: the newest that did)",
        wholeNumber(1),
      )
      .option("--rows <n>", "number of rows", wholeNumber(0), PREVIEW_ROWS)
      .option("--from <n>", "first row, counted from 0", wholeNumber(0), 0)
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print JSON, 64-bit numbers as text")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt preview order_totals --keyspace orders --rows 5",
      )
      .action(async (table: string, flags: PreviewFlags) => {
        const { previewTable } = await import("../inspect.ts");
        const { keyspace, run, rows, from } = flags;
        const style = { folder: dataFolder(context, flags.data), json: flags.json === true };
        finish(await previewTable(context, { table, keyspace, run, rows, from }, style));
      });
  },
};
