import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Sample {
  readonly seconds: number;
  /** Peak resident memory of the process, MB: with pages of files, of the program and of tables, which the system takes back when it needs them. */
  readonly peakMb: number;
  /** Peak of what belongs to nobody else, MB. */
  readonly ownMb: number;
}

const PEAK_POLL_MS = 10;

/** Runs a whole process and measures it from spawn to exit; throws with its stderr when it fails. */
export async function measure(
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Sample> {
  const [program, ...args] = command as [string, ...string[]];
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  let [peakMb, ownMb] = [0, 0];
  const poll = setInterval(() => {
    const memory = memoryOf(child.pid);
    peakMb = Math.max(peakMb, memory.peakMb);
    ownMb = Math.max(ownMb, memory.ownMb);
  }, PEAK_POLL_MS);
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  clearInterval(poll);
  if (code !== 0)
    throw new Error(`${command.join(" ")} ended with ${code}: ${stderr.slice(-2000)}`);
  return { seconds: (performance.now() - started) / 1000, peakMb, ownMb };
}

/** What the process holds now, and the most that was ever resident; nothing once it has ended. */
export function memoryOf(pid: number | undefined): Omit<Sample, "seconds"> & {
  readonly residentMb: number;
} {
  let status = "";
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // It has just ended.
  }
  const megabytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return {
    ownMb: megabytes("RssAnon"),
    residentMb: megabytes("VmRSS"),
    peakMb: megabytes("VmHWM"),
  };
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(sorted.length >> 1), max: at(sorted.length - 1) };
}
