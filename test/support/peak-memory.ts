import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { startCli } from "./cli.ts";

/** Private memory. Pages of the mapped table files are the page cache, which the system takes back when it needs them. */
const privateMb = (pid: number | undefined): number => {
  try {
    const line = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0; // the process has just ended
  }
};

/** The most private memory, in megabytes, that the program had while it ran to its end with exit code 0; and what it printed. */
export async function peakOf(
  args: readonly string[],
): Promise<{ readonly peak: number; readonly stdout: string; readonly stderr: string }> {
  const { child, ended } = startCli(args);
  let peak = 0;
  const poll = setInterval(() => {
    peak = Math.max(peak, privateMb(child.pid));
  }, 20);
  const { code, stdout, stderr } = await ended;
  clearInterval(poll);
  expect(code, stderr).toBe(0);
  return { peak, stdout, stderr };
}
