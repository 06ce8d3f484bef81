import { randomUUID } from "node:crypto";
import type { Context } from "../context.ts";
import { runProgram } from "../program.ts";

export interface Console {
  readonly context: Context;
  /** Runs the program in this process; resolves with the exit code. */
  readonly run: (...args: readonly string[]) => Promise<number>;
  readonly out: () => string;
  readonly err: () => string;
  readonly clear: () => void;
  /** What Ctrl-C does. */
  readonly interrupt: () => void;
  /** Exit codes that were asked for at once. */
  readonly exits: readonly number[];
}

/** The program with texts instead of streams. */
export function openConsole(cwd: string, options: Partial<Context> = {}): Console {
  const exits: number[] = [];
  const listeners = new Set<() => void>();
  let [out, err] = ["", ""];
  const context: Context = {
    programFolder: cwd,
    cwd,
    wantsCluster: false,
    processors: {},
    env: {},
    out: (text) => {
      out += text;
    },
    drained: () => Promise.resolve(),
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    columns: 80,
    now: Date.now,
    newId: randomUUID,
    random: Math.random,
    user: "ann",
    host: "laptop",
    pid: process.pid,
    cores: 2,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
    ...options,
  };
  return {
    context,
    run: (...args) => runProgram(args, context),
    out: () => out,
    err: () => err,
    clear: () => {
      [out, err] = ["", ""];
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    exits,
  };
}
