import { expect } from "vitest";
import { memoryOf } from "../../bench/measure.ts";
import { startCli } from "./cli.ts";

/** The most memory, in megabytes, private and resident, of the program while it ran to its end with exit code 0; and what it printed. */
export async function peakOf(args: readonly string[]): Promise<{
  readonly peak: number;
  readonly resident: number;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const { child, ended } = startCli(args);
  let [peak, resident] = [0, 0];
  const poll = setInterval(() => {
    const memory = memoryOf(child.pid);
    peak = Math.max(peak, memory.ownMb);
    resident = Math.max(resident, memory.residentMb);
  }, 20);
  const { code, stdout, stderr } = await ended;
  clearInterval(poll);
  expect(code, stderr).toBe(0);
  return { peak, resident, stdout, stderr };
}
