import { collect, namedValues } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface CheckFlags {
  readonly params?: string;
  readonly param: readonly string[];
  readonly json?: true;
  readonly strict?: true;
}

/** `capitoolbelt check`: every problem of a script at once. */
export const checkCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("check")
      .description("validate a script and list all problems with file, line and column")
      .argument("<script>", "script file, .json or .yaml")
      .option("--params <file>", "parameters file, .json or .yaml")
      .option(
        "--param <name=value>",
        "string parameter, wins over the file; repeatable",
        collect,
        [],
      )
      .option("--json", "print the problems as JSON on stdout")
      .option("--strict", "warnings count as errors")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt check orders.json --params params.json")
      .action(async (script: string, flags: CheckFlags) => {
        const { checkScript } = await import("../check-script.ts");
        const request = {
          scriptUrl: script,
          parametersUrl: flags.params ?? "",
          overrides: namedValues("param", flags.param),
        };
        const style = { json: flags.json === true, strict: flags.strict === true };
        finish(await checkScript(context, request, style));
      });
  },
};
