import type { CommandFacts, FlagFacts } from "./manual.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion script of a shell: commands, their flags and fixed values, and files elsewhere. */
export function completionScript(
  shell: Shell,
  commands: readonly CommandFacts[],
  globalFlags: readonly FlagFacts[],
): string {
  const everywhere = commands.map((one) => ({ ...one, flags: [...one.flags, ...globalFlags] }));
  return SCRIPTS[shell](everywhere);
}

const SCRIPTS = { bash, zsh, fish } as const satisfies Record<
  Shell,
  (commands: readonly CommandFacts[]) => string
>;

const namesOf = ({ name, aliases }: CommandFacts): readonly string[] => [name, ...aliases];
const longs = ({ flags }: CommandFacts): string => flags.map(({ long }) => long).join(" ");
/** Fixed words of the first argument: `completion bash`, or the commands themselves for `help`. */
const words = ({ arguments: [first] }: CommandFacts): readonly string[] => first?.choices ?? [];
const withChoices = ({ flags }: CommandFacts): readonly FlagFacts[] =>
  flags.filter(({ choices }) => choices.length > 0);

function bash(commands: readonly CommandFacts[]): string {
  const cases = commands.map((command) => {
    const values = withChoices(command).map(
      ({ long, choices }) => `      ${long}) words="${choices.join(" ")}" ;;\n`,
    );
    const fixed =
      values.length === 0 ? "" : `      case "$previous" in\n${values.join("")}      esac\n`;
    return `    ${namesOf(command).join("|")})\n      words="${[longs(command), ...words(command)].join(" ").trim()}"\n${fixed}      ;;\n`;
  });
  return `# bash completion of capitoolbelt; put it into a file that your shell reads, or: source <(capitoolbelt completion bash)
_capitoolbelt() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.flatMap(namesOf).join(" ")} --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join("")}    esac
  fi
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
  [ "\${#COMPREPLY[@]}" -gt 0 ] || while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
}
complete -o filenames -F _capitoolbelt capitoolbelt
`;
}

/** Text in single quotes, for descriptions in zsh and fish. */
const quoted = (text: string): string => `'${text.replaceAll("'", "")}'`;
const zshText = (text: string): string =>
  text.replaceAll(/[[\]:\\'"$`]/g, " ").replaceAll(/ +/g, " ");

function zsh(commands: readonly CommandFacts[]): string {
  const names = commands.flatMap((command) =>
    namesOf(command).map((name) => `    ${quoted(`${name}:${zshText(command.description)}`)}\n`),
  );
  const cases = commands.map((command) => {
    const flags = command.flags.map(
      (flag) =>
        `        ${quoted(`${flag.long}[${zshText(flag.description)}]${zshValue(flag)}`)} \\\n`,
    );
    const fixed = words(command);
    const rest = fixed.length === 0 ? "'*:file:_files'" : quoted(`1:word:(${fixed.join(" ")})`);
    return `      ${namesOf(command).join("|")})\n        _arguments \\\n${flags.join("")}        ${rest} ;;\n`;
  });
  return `#compdef capitoolbelt
# zsh completion of capitoolbelt; save it as _capitoolbelt in a folder of $fpath.
_capitoolbelt() {
  local -a commands
  commands=(
${names.join("")}  )
  if (( CURRENT == 2 )); then
    _describe command commands
  else
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
${cases.join("")}    esac
  fi
}
_capitoolbelt "$@"
`;
}

function zshValue({ takesValue, choices }: FlagFacts): string {
  if (!takesValue) return "";
  return choices.length > 0 ? `:value:(${choices.join(" ")})` : ":value:_files";
}

function fish(commands: readonly CommandFacts[]): string {
  const lines = commands.flatMap((command) => {
    const names = namesOf(command);
    const seen = quoted(`__fish_seen_subcommand_from ${names.join(" ")}`);
    const fixed = words(command);
    return [
      ...names.map(
        (name) =>
          `complete -c capitoolbelt -n __fish_use_subcommand -f -a ${name} -d ${quoted(command.description)}`,
      ),
      ...(fixed.length === 0
        ? []
        : [`complete -c capitoolbelt -n ${seen} -f -a ${quoted(fixed.join(" "))}`]),
      ...command.flags.map((flag) => {
        const values = flag.choices.length === 0 ? "" : ` -f -a ${quoted(flag.choices.join(" "))}`;
        return `complete -c capitoolbelt -n ${seen} -l ${flag.long.slice(2)}${flag.takesValue ? " -r" : ""}${values} -d ${quoted(flag.description)}`;
      }),
    ];
  });
  return `# fish completion of capitoolbelt; save it as capitoolbelt.fish in a folder of completions.\n${lines.join("\n")}\n`;
}
