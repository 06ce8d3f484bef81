import type { Command, Option } from "commander";

/** What one command is, read from the definition that parses it; help, completion and docs/cli.md are made from it. */
export interface CommandFacts {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly arguments: readonly ArgumentFacts[];
  readonly flags: readonly FlagFacts[];
  /** What stands below the flags in --help: examples, codes. */
  readonly notes: string;
}

export interface ArgumentFacts {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly choices: readonly string[];
}

export interface FlagFacts {
  /** `--name <value>` */
  readonly text: string;
  readonly long: string;
  readonly takesValue: boolean;
  readonly isRequired: boolean;
  readonly description: string;
  readonly defaultText: string;
  readonly choices: readonly string[];
}

/** Every command of the program, in the order of --help. */
export const commandsOf = (program: Command): readonly CommandFacts[] =>
  program.commands.map(factsOf);

/** Flags of the program itself, which may stand before and behind every command. */
export const globalFlagsOf = (program: Command): readonly FlagFacts[] =>
  program.options.map(flagFacts).filter(({ long }) => long !== "--version");

function factsOf(command: Command): CommandFacts {
  return {
    name: command.name(),
    aliases: command.aliases(),
    description: command.description(),
    arguments: command.registeredArguments.map((one) => ({
      name: one.name(),
      description: one.description,
      isRequired: one.required,
      choices: one.argChoices ?? [],
    })),
    flags: command.options.map(flagFacts),
    notes: notesOf(command),
  };
}

const flagFacts = (option: Option): FlagFacts => ({
  text: option.flags,
  long: option.long ?? option.flags,
  takesValue: option.required || option.optional,
  isRequired: option.mandatory,
  description: option.description,
  defaultText: defaultText(option.defaultValue),
  choices: option.argChoices ?? [],
});

function defaultText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The texts that a command adds below its help: what is printed beyond the part that commander makes. */
function notesOf(command: Command): string {
  const output = command.configureOutput();
  let printed = "";
  command.configureOutput({ ...output, writeOut: (text) => (printed += text) });
  command.outputHelp();
  command.configureOutput(output);
  return printed.slice(command.helpInformation().length).trim();
}

export const synopsisOf = (command: CommandFacts): string => {
  const required = command.flags.filter(({ isRequired }) => isRequired).map(({ text }) => text);
  const names = command.arguments.map(({ name, isRequired }) =>
    isRequired ? `<${name}>` : `[${name}]`,
  );
  const rest = command.flags.length > required.length ? ["[flags]"] : [];
  return ["capitoolbelt", command.name, ...names, ...required, ...rest].join(" ");
};

const INDENT = "       ";

/** The page of one command, in the manner of manual pages, for a width of `columns` characters. */
export function manualPage(command: CommandFacts, columns: number): string {
  const width = Math.max(columns, 40) - INDENT.length;
  const paragraph = (text: string): string =>
    folded(text, width)
      .map((line) => INDENT + line)
      .join("\n");
  const also = command.aliases.length === 0 ? "" : ` Also: ${command.aliases.join(", ")}.`;
  const sections = [
    `NAME\n${paragraph(`${command.name} - ${command.description}.${also}`)}`,
    `SYNOPSIS\n${paragraph(synopsisOf(command))}`,
    section(
      "ARGUMENTS",
      command.arguments.map(({ name, description }) => entry(name, description, width)),
    ),
    section(
      "FLAGS",
      command.flags.map((flag) => entry(flag.text, flagText(flag), width)),
    ),
    ...noteSections(command.notes, paragraph),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

const section = (title: string, entries: readonly string[]): string =>
  entries.length === 0 ? "" : `${title}\n${entries.join("\n")}`;

const entry = (name: string, text: string, width: number): string =>
  [`${INDENT}${name}`, ...folded(text, width - 4).map((line) => `${INDENT}    ${line}`)].join("\n");

function flagText({ description, defaultText, isRequired, choices }: FlagFacts): string {
  const values = choices.length === 0 ? "" : ` (${choices.join(", ")})`;
  const value = defaultText === "" ? "" : ` (default: ${defaultText})`;
  return `${description}${values}${isRequired ? " (required)" : value}`;
}

/** `Example:` and `Exit codes: …` become sections of their own. */
function noteSections(notes: string, paragraph: (text: string) => string): readonly string[] {
  return notes
    .split(/\n\s*\n/)
    .filter((note) => note !== "")
    .map((note) => {
      const titled = /^([A-Z][A-Za-z ]{1,20}):\s*/.exec(note);
      if (titled === null) return `NOTES\n${paragraph(note)}`;
      const body = note.slice(titled[0].length);
      const lines = body.split("\n").map((line) => line.trim());
      return `${String(titled[1]).toUpperCase()}\n${lines.map((line) => INDENT + line).join("\n")}`;
    });
}

/** Words of a text in lines of at most `width` characters, as far as words allow. */
function folded(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
