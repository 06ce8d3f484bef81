import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { completionScript } from "./completion.ts";
import { commandsOf, globalFlagsOf, manualPage } from "./manual.ts";
import { buildProgram } from "./program.ts";
import { openConsole } from "./test-support/console.ts";

const console = () => openConsole("/");
const program = buildProgram(console().context, () => undefined);
const commands = commandsOf(program);
const globals = globalFlagsOf(program);

describe("help", () => {
  test("of a command is a page with its flags, examples and exit codes", async () => {
    const one = console();
    expect(await one.run("help", "run")).toBe(0);
    for (const title of ["NAME", "SYNOPSIS", "ARGUMENTS", "FLAGS", "EXAMPLE", "EXIT CODES"])
      expect(one.out()).toContain(`${title}\n       `);
    expect(one.out()).toContain("capitoolbelt run <script> [flags]");
    expect(one.out()).toContain("(default: 512)");
    const widths = one
      .out()
      .split("\n")
      .map((line) => line.length);
    expect(
      one
        .out()
        .split("EXAMPLE")[0]
        ?.split("\n")
        .every((line) => line.length <= 80),
    ).toBe(true);
    expect(Math.max(...widths)).toBeGreaterThan(40);
  });

  test("asked for with --help says no default of a flag that may be left out", async () => {
    const one = console();
    expect(await one.run("run", "--help")).toBe(0);
    expect(one.out()).toContain("--set <name=value>");
    expect(one.out()).toContain("(default: 512)");
    expect(one.out()).not.toContain("[]");
  });

  test("names required flags and other names", async () => {
    const one = console();
    expect(await one.run("help", "drop_keyspace")).toBe(0);
    expect(one.out()).toContain("Also: drop_keyspace");
    expect(one.out()).toContain("capitoolbelt drop --keyspace <name> [flags]");
    expect(one.out()).toContain("keyspace (required)");
  });

  test("without a command lists all, and suggests for a mistyped one", async () => {
    const one = console();
    expect(await one.run("help")).toBe(0);
    for (const { name } of commands) expect(one.out()).toContain(`  ${name}`);
    expect(await one.run("help", "explian")).toBe(2);
    expect(one.err()).toContain('Did you mean "explain"?');
    expect(await one.run("help", "zzzzzz")).toBe(2);
    expect(one.err()).toContain("--help");
  });

  test("exists for every command, with an example that begins with its name", () => {
    for (const command of commands) {
      const page = manualPage(command, 80);
      expect(page).toMatch(
        new RegExp(
          `EXAMPLES?\\n[^]*capitoolbelt (${[command.name, ...command.aliases].join("|")})`,
        ),
      );
    }
  });
});

describe("completion", () => {
  const complete = (line: string): readonly string[] => {
    const folder = mkdtempSync(join(tmpdir(), "capillaries-completion-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "completion");
    writeFileSync(file, completionScript("bash", commands, globals));
    const words = line.split(" ");
    const script = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _capitoolbelt; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" })
      .trim()
      .split("\n");
  };

  test.each([
    ["capitoolbelt get_run", ["get_run_history", "get_run_status_diagram"]],
    ["capitoolbelt drop_k", ["drop_keyspace"]],
    ["capitoolbelt check --s", ["--strict"]],
    ["capitoolbelt drop_keyspace --k", ["--keyspace"]],
    ["capitoolbelt completion z", ["zsh"]],
    ["capitoolbelt check comp", ["completion"]],
    ["capitoolbelt resume --cl", ["--cluster"]],
    ["capitoolbelt run --proc", ["--processor"]],
  ])("of bash: %s", (line, expected) => {
    expect(complete(line)).toEqual(expected);
  });

  test("of zsh and fish names every command and flag", async () => {
    for (const shell of ["zsh", "fish"] as const) {
      const one = console();
      expect(await one.run("completion", shell)).toBe(0);
      for (const { name, flags } of commands) {
        expect(one.out()).toContain(name);
        for (const { long } of flags) expect(one.out()).toContain(long.slice(2));
      }
    }
  });

  test("of another shell is refused", async () => {
    const one = console();
    expect(await one.run("completion", "tcsh")).toBe(2);
    expect(one.err()).toContain("bash, zsh, fish");
  });

  test("offers the fixed values of a flag", () => {
    const flag = {
      text: "--format <format>",
      long: "--format",
      takesValue: true,
      isRequired: false,
      description: "it's how",
      defaultText: "",
      choices: ["svg", "dot"],
    };
    const command = {
      name: "draw",
      aliases: [],
      description: "draw",
      arguments: [],
      flags: [flag],
      notes: "a note",
    };
    expect(completionScript("bash", [command], globals)).toContain('--format) words="svg dot"');
    expect(completionScript("zsh", [command], globals)).toContain(":value:(svg dot)");
    expect(completionScript("fish", [command], globals)).toContain("-f -a 'svg dot' -d 'its how'");
    expect(manualPage(command, 80)).toContain("NOTES\n       a note");
    expect(manualPage(command, 80)).toContain("it's how (svg, dot)");
  });
});
