/** What the system under test prints differently each time. */
export interface Place {
  /** Folder in which the commands ran. */
  readonly folder: string;
}

/** A command of a transcript, and what it is said to print. */
export interface Step {
  readonly command: string;
  readonly printed: string;
}

const BLOCK = /```console\n([\s\S]*?)```/g;

/** Splits a block into its steps: `$ command`, goes on with `> ` lines, then what was printed. */
function stepsOfBlock(block: string): Step[] {
  const starts = [...block.matchAll(/^\$ .*\n(?:> .*\n)*/gm)];
  return starts.map((start, at) => {
    const from = start.index + start[0].length;
    return {
      command: start[0].replaceAll(/^[$>] /gm, "").trimEnd(),
      printed: block.slice(from, starts[at + 1]?.index),
    };
  });
}

/** All steps of a document, in order. */
export const stepsOf = (document: string): Step[] =>
  [...document.matchAll(BLOCK)].flatMap(([, block]) => stepsOfBlock(block as string));

/** The document with what the commands printed, in their order. */
export function withPrinted(document: string, printed: readonly string[]): string {
  let next = 0;
  return document.replaceAll(BLOCK, (_, block: string) => {
    const steps = stepsOfBlock(block).map(({ command }) => {
      const lines = `$ ${command.replaceAll("\n", "\n> ")}\n`;
      next += 1;
      return lines + (printed[next - 1] ?? "");
    });
    return `\`\`\`console\n${steps.join("")}\`\`\``;
  });
}

/** What is different each time - the folder, moments, durations, hashes - in words that are always the same. */
export function steady(printed: string, { folder }: Place): string {
  const text = printed
    .replaceAll(folder, "/home/ada/shop")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "2026-03-15T08:00:00.000Z")
    .replaceAll(/\b(?:\d+ min )?\d+(?:\.\d\d)? s\b/g, "0.05 s")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "5f1c…")
    .replaceAll(/ +$/gm, "");
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** What a node reports: `read_sales: 12 rows in 2 batches`. */
const NODE_LINE = /^\w+: /;

/** For comparing: columns are as wide as their times, and nodes that run side by side report in any order. */
export function linesOf(printed: string): string[] {
  const lines = printed
    .split("\n")
    .map((line) => line.trim().replaceAll(/ {2,}/g, " "))
    .filter((line) => line !== "");
  const reports: string[] = [];
  const ordered: string[] = [];
  for (const line of [...lines, ""]) {
    if (NODE_LINE.test(line)) reports.push(line);
    else ordered.push(...reports.splice(0).toSorted(), line);
  }
  return ordered;
}
