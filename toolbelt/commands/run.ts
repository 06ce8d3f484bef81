import type { Command } from "commander";
import type { Context } from "../context.ts";
import {
  collect,
  dataFolder,
  keyspaceOfScript,
  namedValues,
  setConstants,
  wholeNumber,
} from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface RunFlags {
  readonly params?: string;
  readonly param: readonly string[];
  readonly keyspace?: string;
  readonly start?: string;
  readonly data?: string;
  readonly threads?: number;
  readonly memory: number;
  readonly set: readonly string[];
  readonly json?: true;
  readonly report?: string;
  readonly verbose?: true;
}

const DEFAULT_MEMORY_MB = 512;

/** Flags that `run` and `resume` share. */
export const withExecutionFlags = (command: Command): Command =>
  command
    .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
    .option(
      "--threads <n>",
      "engine threads (default: as many as the input is worth, at most one a core; below 512 MB one for each 128)",
      wholeNumber(1),
    )
    .option(
      "--memory <MB>",
      "memory for rows, indexes and sorts",
      wholeNumber(16),
      DEFAULT_MEMORY_MB,
    )
    .option("--json", "print the run report as JSON on stdout")
    .option("--report <file>", "write the run report as JSON into a file")
    .option("--verbose", "log lines and stack traces on stderr");

/** `capitoolbelt run`: start a run and execute it in this process (design 11). */
export const runCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("run")
      .description(
        "start a run and execute it here; ends with a summary and the exit code of the run",
      )
      .argument("<script>", "script file, .json or .yaml")
      .option("--params <file>", "parameters file, .json or .yaml")
      .option("--param <name=value>", "parameter, wins over the file; repeatable", collect, [])
      .option("--keyspace <name>", "keyspace (default: name of the script file)")
      .option(
        "--start <nodes>",
        "start nodes, separated by commas (default: all automatic file readers)",
      )
      .option("--set <name=value>", "constant of the run; repeatable", collect, []);
    withExecutionFlags(command)
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt run orders.json --params params.json --start read_orders,read_items\n\n" +
          "Exit codes: 0 success, 1 a node failed, 2 misuse, 3 waiting, 4 stopped, 5 store unavailable or interrupted",
      )
      .action(async (script: string, flags: RunFlags) => {
        const { executeNewRun } = await import("../execute.ts");
        const request = {
          keyspace: flags.keyspace ?? keyspaceOfScript(script),
          scriptUrl: script,
          parametersUrl: flags.params ?? "",
          overrides: namedValues("param", flags.param),
          ...(flags.start === undefined ? {} : { startNodes: flags.start.split(",") }),
          constants: await setConstants(flags.set, flags.memory),
        };
        finish(await executeNewRun(context, request, executionOf(context, flags)));
      });
  },
};

/** How to execute, from the flags of withExecutionFlags. */
export const executionOf = (
  context: Context,
  flags: Pick<RunFlags, "data" | "threads" | "memory" | "json" | "report" | "verbose">,
): {
  readonly folder: string;
  readonly threads: number;
  /** Whether the person asked for that many from the beginning. */
  readonly areThreadsFixed: boolean;
  readonly memoryMb: number;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly reportFile: string | undefined;
} => ({
  folder: dataFolder(context, flags.data),
  threads: flags.threads ?? context.cores,
  areThreadsFixed: flags.threads !== undefined,
  memoryMb: flags.memory,
  json: flags.json === true,
  verbose: flags.verbose === true,
  reportFile: flags.report,
});
