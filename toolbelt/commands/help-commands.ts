import { Argument } from "commander";
import { suggestion } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import { EXIT } from "../exit-code.ts";
import { completionScript, SHELLS, type Shell } from "../completion.ts";
import { commandsOf, globalFlagsOf, manualPage } from "../manual.ts";
import type { ToolbeltCommand } from "./command.ts";

/** `capitoolbelt help`: the manual page of a command, from the definition that parses it. */
export const helpCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("help")
      .description("show the manual page of a command")
      .argument("[command]", "name of the command; without it, the list of all")
      .addHelpText("after", "\nExample:\n  capitoolbelt help run")
      .action((name: string | undefined) => {
        if (name === undefined) {
          context.out(program.helpInformation());
          return finish(EXIT.success);
        }
        const commands = commandsOf(program);
        const found = commands.find((one) => one.name === name || one.aliases.includes(name));
        if (found === undefined)
          throw unknownCommand(
            name,
            commands.map((one) => one.name),
          );
        context.out(manualPage(found, context.columns));
        return finish(EXIT.success);
      });
  },
};

function unknownCommand(name: string, names: readonly string[]): Fault {
  const near = suggestion(name, names);
  return new Fault("USAGE", `there is no command "${name}"`, {
    hint: near === undefined ? "See `capitoolbelt --help`." : `Did you mean "${near}"?`,
  });
}

/** `capitoolbelt completion`: the completion script of a shell. */
export const completionCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("completion")
      .description("print the completion script of a shell")
      .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(SHELLS))
      .addHelpText("after", "\nExample:\n  source <(capitoolbelt completion bash)")
      .action((shell: Shell) => {
        context.out(completionScript(shell, commandsOf(program), globalFlagsOf(program)));
        finish(EXIT.success);
      });
  },
};
