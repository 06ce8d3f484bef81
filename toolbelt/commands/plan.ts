import { Fault } from "#pkg/fault";
import { collect, dataFolder, keyspaceOfScript, namedValues, setConstants } from "./flags.ts";
import { retryRequest, withRetryFlags, type RetryFlags } from "./retry.ts";
import type { ToolbeltCommand } from "./command.ts";

interface PlanFlags extends RetryFlags {
  readonly params?: string;
  readonly param: readonly string[];
  readonly start?: string;
  readonly set: readonly string[];
  readonly script?: string;
  readonly data?: string;
  readonly json?: true;
}

/** `capitoolbelt plan`: what a start (with a script) or a retry (without) would do; changes nothing. */
export const planCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("plan")
      .description("show what starting a script, or retrying a run, would do; changes nothing")
      .argument("[script]", "script file to start; without it a retry is planned")
      .option("--params <file>", "start: parameters file, .json or .yaml")
      .option("--param <name=value>", "start: parameter; repeatable", collect, [])
      .option("--keyspace <name>", "keyspace (default of a start: name of the script file)")
      .option("--start <nodes>", "start: start nodes, separated by commas")
      .option("--set <name=value>", "start: constant of the run; repeatable", collect, []);
    withRetryFlags(command)
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print the plan as JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExamples:\n  capitoolbelt plan orders.json --params params.json\n  capitoolbelt plan --keyspace orders --run 2 --failed",
      )
      .action(async (script: string | undefined, flags: PlanFlags) => {
        const { showRetryPlan, showStartPlan } = await import("../plan.ts");
        const style = { folder: dataFolder(context, flags.data), json: flags.json === true };
        if (script === undefined) {
          if (flags.keyspace === undefined)
            throw new Fault(
              "USAGE",
              "plan needs a script to start, or --keyspace of a run to retry",
            );
          const request = retryRequest(flags.keyspace, flags);
          finish(await showRetryPlan(context, request, style));
          return;
        }
        const request = {
          keyspace: flags.keyspace ?? keyspaceOfScript(script),
          scriptUrl: script,
          parametersUrl: flags.params ?? "",
          overrides: namedValues("param", flags.param),
          ...(flags.start === undefined ? {} : { startNodes: flags.start.split(",") }),
          constants: await setConstants(flags.set),
        };
        finish(await showStartPlan(context, request, style));
      });
  },
};
