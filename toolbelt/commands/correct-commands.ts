import type { Command } from "commander";
import { dataFolder, wholeNumber } from "./flags.ts";
import { executionOf, withExecutionFlags } from "./run.ts";
import type { ToolbeltCommand } from "./command.ts";

interface DecisionFlags {
  readonly keyspace: string;
  readonly run?: number;
  readonly comment: string;
  readonly data?: string;
  readonly json?: true;
}

const withDecisionFlags = (command: Command): Command =>
  command
    .requiredOption("--keyspace <name>", "keyspace")
    .option("--run <number>", "run that rejected the rows (default: the newest)", wholeNumber(1))
    .option("--comment <text>", "why, kept with the decision", "")
    .option("--json", "print what was recorded as JSON")
    .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
    .option("--verbose", "stack traces on stderr");

const requestOf = ({ keyspace, run, comment, json }: DecisionFlags) => ({
  keyspace,
  run,
  comment,
  json: json === true,
});

/** `capitoolbelt correct`: what an edited export of rejected rows says is recorded, to be applied by a replay. */
export const correctCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("correct")
      .description("record corrections of rejected rows from an edited `rejected --csv`")
      .argument(
        "<csv>",
        "edited export; write `waive` into its column decision to leave a row out",
      );
    withDecisionFlags(command)
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt rejected --keyspace orders --csv > bad.csv\n  (edit the columns r.…)\n  capitoolbelt correct bad.csv --keyspace orders",
      )
      .action(async (file: string, flags: DecisionFlags) => {
        const { correct } = await import("../correct.ts");
        finish(await correct(context, file, requestOf(flags), dataFolder(context, flags.data)));
      });
  },
};

interface WaiveFlags extends DecisionFlags {
  readonly node?: string;
  readonly reason?: string;
  readonly file?: string;
  readonly line?: number;
  readonly all?: true;
}

/** `capitoolbelt waive`: rejected rows that may be left out; they no longer count for max_rejected in a replay. */
export const waiveCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("waive")
      .description("record that rejected rows may be left out")
      .option("--node <name>", "only of this node")
      .option("--reason <code>", "only with this reason")
      .option("--file <name>", "only of this file or table")
      .option("--line <number>", "only this line or row", wholeNumber(1))
      .option("--all", "all rejected rows of the run");
    withDecisionFlags(command)
      .addHelpText(
        "after",
        '\nExample:\n  capitoolbelt waive --keyspace orders --reason RECORD_INVALID --comment "cut off by the sender"',
      )
      .action(async (flags: WaiveFlags) => {
        const { waive } = await import("../correct.ts");
        const { node, reason, file, line, all } = flags;
        const selection = { node, reason, file, line, all: all === true };
        finish(await waive(context, selection, requestOf(flags), dataFolder(context, flags.data)));
      });
  },
};

interface ReplayFlags {
  readonly keyspace: string;
  readonly run?: number;
  readonly node?: string;
  readonly plan?: true;
}

/** `capitoolbelt replay`: batches with corrected or waived rows, and what is below, in a new run that applies the decisions. */
export const replayCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("replay")
      .description(
        "execute batches with corrected or waived rows again, and what is below, in a new run",
      )
      .requiredOption("--keyspace <name>", "keyspace")
      .option("--run <number>", "run that rejected the rows (default: the newest)", wholeNumber(1))
      .option("--node <name>", "apply only what was decided about rows of this node")
      .option("--plan", "only show what would be executed");
    withExecutionFlags(command)
      .addHelpText("after", "\nExample:\n  capitoolbelt replay --keyspace orders --plan")
      .action(async (flags: ReplayFlags & Parameters<typeof executionOf>[1]) => {
        const { executeReplay } = await import("../execute.ts");
        const { keyspace, run, node, plan } = flags;
        const execution = executionOf(context, flags);
        finish(await executeReplay(context, { keyspace, run, node }, execution, plan === true));
      });
  },
};
