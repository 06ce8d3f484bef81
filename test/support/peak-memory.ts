import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { startCli } from "./cli.ts";

interface Memory {
  /** Megabytes of its own. */
  readonly own: number;
  /** With pages of files: of the program, and of tables, which the system takes back when it needs them. */
  readonly resident: number;
}

function memoryOf(pid: number | undefined): Memory {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const megabytes = (line: RegExp): number => Number(line.exec(status)?.[1] ?? 0) / 1024;
    return { own: megabytes(/RssAnon:\s+(\d+) kB/), resident: megabytes(/VmRSS:\s+(\d+) kB/) };
  } catch {
    return { own: 0, resident: 0 }; // the process has just ended
  }
}

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
    peak = Math.max(peak, memory.own);
    resident = Math.max(resident, memory.resident);
  }, 20);
  const { code, stdout, stderr } = await ended;
  clearInterval(poll);
  expect(code, stderr).toBe(0);
  return { peak, resident, stdout, stderr };
}
