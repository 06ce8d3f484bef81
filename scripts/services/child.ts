import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";

export interface ChildSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** File that takes everything the process prints. */
  readonly log: string;
}

/** A process that this one started and is the only one to end. */
export class Child {
  readonly #settings: ChildSettings;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(settings: ChildSettings) {
    this.#settings = settings;
    const { command, args, cwd, env } = settings;
    this.#process = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (text: Buffer): void => appendFileSync(settings.log, text);
    this.#process.stdout?.on("data", keep);
    this.#process.stderr?.on("data", keep);
    this.#ended = new Promise((resolve) => {
      this.#process.once("error", (error) => {
        appendFileSync(settings.log, `${String(error)}\n`);
        resolve();
      });
      this.#process.once("close", () => resolve());
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks it to end, insists after the grace time, and waits until it is gone. */
  async stop(graceMs = 10_000): Promise<void> {
    if (!this.isRunning) return this.#ended;
    this.#process.kill("SIGTERM");
    this.#process.kill("SIGCONT");
    const insist = setTimeout(() => this.#process.kill("SIGKILL"), graceMs);
    await this.#ended;
    clearTimeout(insist);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.isRunning) this.#process.kill("SIGKILL");
    await this.#ended;
  }

  /** What it printed last, for a person. */
  tail(lines = 15): string {
    const { log } = this.#settings;
    return existsSync(log)
      ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n")
      : "";
  }
}

/** Waits for the probe; fails with what the process printed when it ends or time is up. */
export async function untilReady(
  child: Child,
  what: string,
  probe: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!(await probe())) {
    if (!child.isRunning) throw new Error(`${what} ended at once:\n${child.tail()}`);
    if (performance.now() > deadline) throw new Error(`${what} is not ready:\n${child.tail()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
  }
}

/** Runs a command to its end with its output on stderr; true when it ended with 0. */
export const succeeds = (command: string, args: readonly string[], cwd: string): boolean =>
  spawnSync(command, args, { cwd, stdio: ["ignore", 2, 2] }).status === 0;

export const has = (command: string, flag = "--version"): boolean =>
  spawnSync(command, [flag], { stdio: "ignore" }).status === 0;

/** What a command prints; nothing when it cannot be run. */
export const printedBy = (command: string, args: readonly string[]): string =>
  spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).stdout ?? "";
