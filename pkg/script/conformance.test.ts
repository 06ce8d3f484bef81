import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { readScript } from "./read-script.ts";

const CASES = resolve(import.meta.dirname, "../../../shared/conformance/cases");
const LATER = new Set<string>();
/** Refused before a run, but by the starter: a start node that does not exist. */
const NOT_OF_THE_SCRIPT = new Set(["72-error-start-node"]);
const FOLDERS = { dir_in: "/in", dir_out: "/out" };

interface Case {
  readonly runs: readonly { readonly params?: Record<string, string> }[];
  readonly expect:
    | "ok"
    | { readonly error: { readonly code_hint: number; readonly mentions: readonly Mention[] } };
  readonly tags: readonly string[];
}

type Mention =
  | string
  | readonly string[]
  | { readonly line?: number; readonly column?: number; readonly lines?: readonly number[] };

function load(name: string): Case {
  return JSON.parse(readFileSync(resolve(CASES, name, "case.json"), "utf8")) as Case;
}

function named(name: string, stem: string): { file: string; text: string } | undefined {
  const file = [`${stem}.json`, `${stem}.yaml`].find((each) =>
    existsSync(resolve(CASES, name, each)),
  );
  if (file === undefined) return undefined;
  const text = readFileSync(resolve(CASES, name, file), "utf8");
  return { file, text: text.replaceAll("$dir_in", "/in").replaceAll("$dir_out", "/out") };
}

function read(name: string, content: Case) {
  const script = named(name, "script");
  if (script === undefined) throw new Error(`${name} has no script`);
  return readScript(script, named(name, "params"), { ...FOLDERS, ...content.runs.at(-1)?.params });
}

function messageOf(name: string, content: Case): string {
  try {
    read(name, content);
  } catch (error) {
    if (isFault(error)) return error.message;
    throw error;
  }
  return "";
}

function isMentioned(message: string, mention: Mention): boolean {
  const text = message.toLowerCase();
  if (typeof mention === "string") return text.includes(mention.toLowerCase());
  if ("line" in mention) return text.includes(`:${mention.line}:`);
  if ("column" in mention) return text.includes(`:${mention.column} `);
  if ("lines" in mention) return (mention.lines ?? []).some((line) => text.includes(`:${line}:`));
  return (mention as readonly string[]).some((each) => text.includes(each.toLowerCase()));
}

const isThere = existsSync(CASES);

test("the conformance cases are present in CI", () => {
  if (!isThere) console.warn(`conformance cases skipped: ${CASES} is absent`);
  expect(isThere || process.env["CI"] !== "true").toBe(true);
});

const all = isThere ? readdirSync(CASES).map((name) => ({ name, content: load(name) })) : [];
const now = all.filter(({ content }) => !content.tags.some((tag) => LATER.has(tag)));
const isRefused = ({ name, content }: (typeof all)[number]): boolean =>
  content.expect !== "ok" && content.expect.error.code_hint === 2 && !NOT_OF_THE_SCRIPT.has(name);

describe.skipIf(!isThere)("conformance cases", () => {
  test.each(now.filter((each) => !isRefused(each)))("$name loads", ({ name, content }) => {
    // Every case is given all folders, whichever of them it reads.
    const { warnings } = read(name, content);
    expect(warnings.filter(({ code }) => code !== "PARAMETER_UNUSED")).toEqual([]);
  });

  test.each(now.filter(isRefused))(
    "$name is refused and names what is wrong",
    ({ name, content }) => {
      const { expect: expected } = content;
      const message = messageOf(name, content);
      expect(message).not.toBe("");
      const mentions = expected === "ok" ? [] : expected.error.mentions;
      expect(
        mentions.filter((mention) => !isMentioned(message, mention)),
        message,
      ).toEqual([]);
    },
  );

  test.each(all.filter(({ content }) => content.tags.some((tag) => LATER.has(tag))))(
    "$name is not available in this build, and nothing else is wrong with it",
    ({ name, content }) => {
      const message = messageOf(name, content);
      const codes = message.split("\n").flatMap((line) => / error (\w+) /.exec(line)?.[1] ?? []);
      expect(new Set(codes), message).toEqual(new Set(["NOT_AVAILABLE"]));
    },
  );
});
