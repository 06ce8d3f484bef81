import { commaList, dataFolder, wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface CompareFlags {
  readonly keyspace?: string;
  readonly table?: string;
  readonly key: readonly string[];
  readonly profile?: true;
  readonly limit: number;
  readonly data?: string;
  readonly json?: true;
}

const SHOWN = 10;

/** `capitoolbelt compare`: two runs side by side. */
export const compareCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("compare")
      .description("compare two runs: nodes, rows, times, contents, profiles, rows by key")
      .argument("[left]", "run number, or keyspace:number (default: the newest but one)")
      .argument("[right]", "run number, or keyspace:number (default: the newest)")
      .option("--keyspace <name>", "keyspace of runs that are given by number")
      .option("--table <name>", "compare the rows of this table by key")
      .option(
        "--key <fields>",
        "fields that identify a row, separated by commas (default: the unique index)",
        commaList,
        [],
      )
      .option("--profile", "compare column profiles of the table, or of every table that differs")
      .option("--limit <n>", "differences of each sort to show", wholeNumber(0), SHOWN)
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt compare 1 2 --keyspace orders --table products --key sku",
      )
      .action(async (left: string | undefined, right: string | undefined, flags: CompareFlags) => {
        const { showComparison } = await import("../compare.ts");
        const { keyspace, table, key, limit } = flags;
        const profile = flags.profile === true;
        const request = { left, right, keyspace, table, key, profile, limit };
        const style = { folder: dataFolder(context, flags.data), json: flags.json === true };
        finish(await showComparison(context, request, style));
      });
  },
};

interface ProfileFlags {
  readonly keyspace: string;
  readonly run?: number;
  readonly columns: readonly string[];
  readonly top: number;
  readonly data?: string;
  readonly json?: true;
}

const MOST_FREQUENT = 5;

/** `capitoolbelt profile`: what the columns of a table hold. */
export const profileCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("profile")
      .description("show what the columns of a table hold: empties, distinct values, extremes")
      .argument("<table>", "table name")
      .requiredOption("--keyspace <name>", "keyspace")
      .option("--run <number>", "run (default: the newest that wrote the table)", wholeNumber(1))
      .option("--columns <names>", "columns, separated by commas (default: all)", commaList, [])
      .option("--top <n>", "most frequent values of each column", wholeNumber(0), MOST_FREQUENT)
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt profile products --keyspace orders --top 3")
      .action(async (table: string, flags: ProfileFlags) => {
        const { showProfile } = await import("../profile.ts");
        const { keyspace, run, columns, top } = flags;
        const style = { folder: dataFolder(context, flags.data), json: flags.json === true };
        finish(await showProfile(context, { table, keyspace, run, columns, top }, style));
      });
  },
};
