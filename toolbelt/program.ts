import { Command, CommanderError, Help, type Option } from "commander";
import {
  CLUSTER_FLAG,
  normalizeArguments,
  PROCESSOR_FLAG,
  takeCluster,
  takeProcessors,
} from "./arguments.ts";
import { COMMANDS } from "./commands/index.ts";
import type { Context } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { asFault, Fault } from "#pkg/fault";
import { showFault } from "./show-fault.ts";
import { VERSION } from "./version.ts";

/** Parses the arguments, runs the command and resolves with the exit code; never throws. */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  const { rest: given, wantsCluster } = takeCluster(normalizeArguments(args));
  const outcome = { code: EXIT.success as number };
  const style = { verbose: given.includes("--verbose"), json: given.includes("--json") };
  try {
    const { rest, processors } = takeProcessors(given);
    const finish = (code: number): void => {
      outcome.code = code;
    };
    // What commander has to say comes as a fault then, like everything else.
    const tell = style.json ? () => undefined : context.err;
    const program = buildProgram({ ...context, wantsCluster, processors }, finish, tell);
    await program.parseAsync(rest, { from: "user" });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.success;
      if (style.json) showFault(context, misuse(error), style);
      return EXIT.misuse;
    }
    showFault(context, error, style);
    return exitCodeOf(asFault(error).code);
  }
}

const misuse = (error: CommanderError): Fault =>
  new Fault("USAGE", error.message.replace(/^error: /, ""), { cause: error });

const help = new Help();

/** A list that is empty until the flag is given is no default worth a word. */
function describeFlag(option: Option): string {
  const value: unknown = option.defaultValue;
  const isEmptyList = Array.isArray(value) && value.length === 0;
  return isEmptyList ? option.description : help.optionDescription(option);
}

/** The whole command line as commander data; also what the flag reference is generated from. */
export function buildProgram(
  context: Context,
  finish: (code: number) => void,
  writeErr: (text: string) => void = context.err,
): Command {
  const program = new Command("capitoolbelt")
    .description("Runs and inspects Capillaries scripts: typed tables, parallel batches, re-runs.")
    .version(VERSION, "--version", "print the version")
    .helpCommand(false)
    .option(
      CLUSTER_FLAG,
      "work on the installation that capitoolbelt.json or the environment names; capidaemon workers execute the runs",
    )
    .option(
      `${PROCESSOR_FLAG} <name=module>`,
      "a processor of your own, a JavaScript or TypeScript module (docs/processors.md); repeatable",
    )
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for the flags)")
    .configureHelp({ optionDescription: describeFlag })
    .configureOutput({ writeOut: context.out, writeErr })
    .exitOverride();
  for (const command of COMMANDS) command.define(program, context, finish);
  for (const sub of program.commands)
    sub.exitOverride().configureOutput({ writeOut: context.out, writeErr });
  return program;
}
