import { collect, commaList, dataFolder, namedValues, setConstants } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface CheckFlags {
  readonly params?: string;
  readonly param: readonly string[];
  readonly json?: true;
  readonly strict?: true;
  readonly watch?: true;
}

/** `capitoolbelt check`: every problem of a script at once. */
export const checkCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("check")
      .description("validate a script and list all problems with file, line and column")
      .argument("<script>", "script file, .json or .yaml")
      .option("--params <file>", "parameters file, .json or .yaml")
      .option("--param <name=value>", "parameter, wins over the file; repeatable", collect, [])
      .option("--json", "print the problems as JSON on stdout")
      .option("--strict", "warnings count as errors")
      .option("--watch", "check again whenever the script or its parameters change")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt check orders.json --params params.json")
      .action(async (script: string, flags: CheckFlags) => {
        const request = {
          scriptUrl: script,
          parametersUrl: flags.params ?? "",
          overrides: namedValues("param", flags.param),
        };
        const style = { json: flags.json === true, strict: flags.strict === true };
        if (flags.watch === true) {
          const { watchScript } = await import("../watch-script.ts");
          return finish(await watchScript(context, request, style));
        }
        const { checkScript } = await import("../check-script.ts");
        return finish(await checkScript(context, request, style));
      });
  },
};

interface ExplainFlags extends Omit<CheckFlags, "strict" | "watch"> {
  readonly start?: readonly string[];
  readonly node: readonly string[];
  readonly set: readonly string[];
  readonly data?: string;
}

/** `capitoolbelt explain`: what every node would do, before anything runs. */
export const explainCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("explain")
      .description("show types, indexes, batches, lookup plans and expected rows of every node")
      .argument("<script>", "script file, .json or .yaml")
      .option("--params <file>", "parameters file, .json or .yaml")
      .option("--param <name=value>", "parameter, wins over the file; repeatable", collect, [])
      .option(
        "--start <nodes>",
        "start nodes, separated by commas (default: all automatic file readers)",
        commaList,
      )
      .option("--node <nodes>", "only these nodes, separated by commas", commaList, [])
      .option("--set <name=value>", "constant of the run; repeatable", collect, [])
      .option("--data <dir>", "data folder with earlier runs (default: $CAPI_DATA or ./data)")
      .option("--json", "print JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt explain orders.json --params params.json --node price_items",
      )
      .action(async (script: string, flags: ExplainFlags) => {
        const { explainScript } = await import("../explain.ts");
        finish(
          await explainScript(context, {
            scriptUrl: script,
            parametersUrl: flags.params ?? "",
            overrides: namedValues("param", flags.param),
            startNodes: flags.start,
            nodes: flags.node,
            constants: await setConstants(flags.set),
            json: flags.json === true,
            folder: dataFolder(context, flags.data),
            isFolderNamed: flags.data !== undefined,
          }),
        );
      });
  },
};
