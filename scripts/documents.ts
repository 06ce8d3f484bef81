import { KNOWN_SETTINGS } from "#pkg/config";
import { FAULT_HINTS } from "#pkg/fault";
import { buildProgram } from "../toolbelt/program.ts";
import type { Context } from "../toolbelt/context.ts";
import { commandsOf, type CommandFacts } from "../toolbelt/manual.ts";

const nothing = (): void => undefined;

/** A context in which commands are only described, never run. */
const describing: Context = {
  programFolder: "/",
  cwd: "/",
  wantsCluster: false,
  processors: {},
  env: {},
  out: nothing,
  drained: () => Promise.resolve(),
  err: nothing,
  isTerminal: false,
  columns: 80,
  now: () => 0,
  newId: () => "",
  random: () => 0,
  user: "",
  host: "",
  pid: 0,
  cores: 0,
  onInterrupt: () => nothing,
  exitNow: nothing,
};

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** docs/cli.md: every command and flag, from the definitions that parse them; `capitoolbelt help` shows the same. */
export function cliReference(): string {
  const program = buildProgram(describing, nothing);
  const commands = commandsOf(program).map(commandReference).join("\n");
  const everywhere = program.options
    .filter(({ long }) => long !== "--version")
    .map(({ flags, description }) => `\`${flags}\`: ${description}.`);
  return `# Command line\n\nMade from the command definitions by \`npm run docs\`. \`-name=value\` works as \`--name value\`.\n\nWith every command: ${everywhere.join(" ")}\n\n${commands}`;
}

function commandReference(command: CommandFacts): string {
  const { name, description, aliases, notes } = command;
  const names = command.arguments.map((one) =>
    one.isRequired ? ` <${one.name}>` : ` [${one.name}]`,
  );
  const also = aliases.length > 0 ? ` Also: \`${aliases.join("`, `")}\`.` : "";
  const rows = command.flags.map((flag) => {
    const value = flag.long === "--threads" ? "number of cores" : flag.defaultText;
    return `| \`${cell(flag.text)}\` | ${cell(flag.description)} | ${flag.isRequired ? "required" : value} |`;
  });
  const flags =
    rows.length === 0
      ? ""
      : `\n| flag | meaning | default |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
  const text = notes === "" ? "" : `\n\`\`\`text\n${notes}\n\`\`\`\n`;
  return `## ${name}\n\n\`capitoolbelt ${name}${names.join("")}\` - ${description}.${also}\n${flags}${text}`;
}

/** docs/errors.md: every code with its way out. */
export function errorReference(): string {
  const rows = Object.entries(FAULT_HINTS).map(([code, hint]) => `| \`${code}\` | ${cell(hint)} |`);
  return `# Errors\n\nMade from \`pkg/fault/codes.ts\` by \`npm run docs\`. Codes are stable; messages are for people.\n\n| code | way out |\n| --- | --- |\n${rows.join("\n")}\n`;
}

/** docs/settings.md: every setting of capidaemon.json and capitoolbelt.json. */
export function settingsReference(): string {
  const rows = KNOWN_SETTINGS.map(({ path, env, about, unused, only }) => {
    const text = unused === undefined ? about : `no effect: ${unused}`;
    return `| \`${path}\` | ${env === undefined ? "" : `\`${env}\``} | ${only ?? "both"} | ${cell(text)} |`;
  });
  return `# Settings\n\nMade from \`pkg/config\` by \`npm run docs\`. \`capidaemon.json\` and \`capitoolbelt.json\` are looked for next to the program, then in the current folder; environment variables win over the file, flags over both. Points separate the keys of nested maps. Unknown keys are errors.\n\n| setting | environment | program | meaning |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

/** File name below docs/ → text. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  "cli.md": cliReference,
  "errors.md": errorReference,
  "settings.md": settingsReference,
};
