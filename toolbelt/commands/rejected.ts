import { dataFolder, wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface RejectedFlags {
  readonly keyspace: string;
  readonly run?: number;
  readonly node?: string;
  readonly reason?: string;
  readonly file?: string;
  readonly rows?: number;
  readonly data?: string;
  readonly json?: true;
  readonly csv?: true;
}

/** `capitoolbelt rejected`: rows that could not be processed, where they stand and why. */
export const rejectedCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("rejected")
      .description("list rejected rows of a run: file, line, column, value and reason")
      .requiredOption("--keyspace <name>", "keyspace")
      .option("--run <number>", "run (default: the newest)", wholeNumber(1))
      .option("--node <name>", "only of this node")
      .option("--reason <code>", "only with this reason, for example CELL_INVALID")
      .option("--file <name>", "only of this file or table")
      .option(
        "--rows <n>",
        "number of rows (default: 20, with --csv and --json all)",
        wholeNumber(0),
      )
      .option("--csv", "print CSV with everything that was read, to be edited for `correct`")
      .option("--json", "print a JSON array")
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt rejected --keyspace orders --reason CELL_INVALID --csv > rejected.csv",
      )
      .action(async (flags: RejectedFlags) => {
        const { showRejected } = await import("../show-rejected.ts");
        const { rows, data, json, csv, keyspace, run, node, reason, file } = flags;
        const style = { json: json === true, csv: csv === true, rows };
        const request = { keyspace, run, node, reason, file };
        finish(
          await showRejected(context, request, { ...style, folder: dataFolder(context, data) }),
        );
      });
  },
};
