import type { Command } from "commander";
import { FAULT_HINTS } from "#pkg/fault";
import { buildProgram } from "../toolbelt/program.ts";
import type { Context } from "../toolbelt/context.ts";

const nothing = (): void => undefined;

/** A context in which commands are only described, never run. */
const describing: Context = {
  cwd: "/",
  env: {},
  out: nothing,
  err: nothing,
  isTerminal: false,
  columns: 80,
  now: () => 0,
  newId: () => "",
  user: "",
  host: "",
  pid: 0,
  cores: 0,
  onInterrupt: () => nothing,
  exitNow: nothing,
};

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** docs/cli.md: every command and flag, from the definitions that parse them. */
export function cliReference(): string {
  const program = buildProgram(describing, nothing);
  const commands = program.commands.map(commandReference).join("\n");
  return `# Command line\n\nMade from the command definitions by \`npm run docs\`. \`-name=value\` works as \`--name value\`.\n\n${commands}`;
}

function commandReference(command: Command): string {
  const argumentsText = command.registeredArguments.map((one) => ` <${one.name()}>`).join("");
  const aliases = command.aliases();
  const also = aliases.length > 0 ? ` Also: \`${aliases.join("`, `")}\`.` : "";
  const flags = command.options.map((option) => {
    const value =
      option.long === "--threads" ? "number of cores" : defaultText(option.defaultValue);
    return `| \`${cell(option.flags)}\` | ${cell(option.description)} | ${option.mandatory ? "required" : value} |`;
  });
  return `## ${command.name()}\n\n\`capitoolbelt ${command.name()}${argumentsText}\` - ${command.description()}.${also}\n\n| flag | meaning | default |\n| --- | --- | --- |\n${flags.join("\n")}\n`;
}

function defaultText(value: unknown): string {
  if (value === undefined || value === "") return "";
  if (Array.isArray(value)) return "none";
  return JSON.stringify(value);
}

/** docs/errors.md: every code with its way out. */
export function errorReference(): string {
  const rows = Object.entries(FAULT_HINTS).map(([code, hint]) => `| \`${code}\` | ${cell(hint)} |`);
  return `# Errors\n\nMade from \`pkg/fault/codes.ts\` by \`npm run docs\`. Codes are stable; messages are for people.\n\n| code | way out |\n| --- | --- |\n${rows.join("\n")}\n`;
}

/** File name below docs/ → text. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  "cli.md": cliReference,
  "errors.md": errorReference,
};
