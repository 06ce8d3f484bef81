import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Sample {
  readonly seconds: number;
  /** Peak resident memory of the process, MB. */
  readonly peakMb: number;
}

const PEAK_POLL_MS = 10;

/** Runs a whole process and measures it from spawn to exit; throws with its stderr when it fails. */
export async function measure(command: readonly string[]): Promise<Sample> {
  const [program, ...args] = command as [string, ...string[]];
  const started = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  let peakMb = 0;
  const poll = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, PEAK_POLL_MS);
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  clearInterval(poll);
  if (code !== 0)
    throw new Error(`${command.join(" ")} ended with ${code}: ${stderr.slice(-2000)}`);
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

function peakOf(pid: number | undefined): number {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line === null ? 0 : Number(line[1]) / 1024;
  } catch {
    return 0; // the process has just ended
  }
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
