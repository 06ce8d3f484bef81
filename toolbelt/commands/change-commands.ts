import type { Command } from "commander";
import { dataFolder, wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface DropFlags {
  readonly keyspace: string;
  readonly data?: string;
}

const describeDrop = (command: Command): Command =>
  command
    .requiredOption("--keyspace <name>", "keyspace")
    .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
    .option("--verbose", "stack traces on stderr")
    .addHelpText("after", "\nExample:\n  capitoolbelt drop_keyspace -keyspace=orders");

/** `drop` and the reference's `drop_keyspace`: also successful when there is no such keyspace. */
export const dropCommand: ToolbeltCommand = {
  define(program, context, finish) {
    describeDrop(
      program
        .command("drop")
        .alias("drop_keyspace")
        .description(
          "remove a keyspace with all its runs and tables; files that were written stay",
        ),
    ).action(async (flags: DropFlags) => {
      const { dropKeyspace } = await import("../change.ts");
      finish(await dropKeyspace(context, flags.keyspace, dataFolder(context, flags.data)));
    });
  },
};

interface StopFlags extends DropFlags {
  readonly run_id: number;
  readonly comment: string;
}

/** The reference's `stop_run`; on a completed run it invalidates the results (design 4.5). */
export const stopRunCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("stop_run")
      .description("stop a run, or invalidate a completed one; final")
      .requiredOption("--keyspace <name>", "keyspace")
      .requiredOption("--run_id <number>", "run", wholeNumber(1))
      .option("--comment <text>", "why", "")
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        '\nExample:\n  capitoolbelt stop_run -keyspace=orders -run_id=2 -comment="wrong month"',
      )
      .action(async (flags: StopFlags) => {
        const { stopRun } = await import("../change.ts");
        const { keyspace, run_id: run, comment } = flags;
        finish(await stopRun(context, { keyspace, run, comment }, dataFolder(context, flags.data)));
      });
  },
};
