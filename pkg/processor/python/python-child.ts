import { spawn, type ChildProcess } from "node:child_process";
import { kill } from "node:process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Fault } from "#pkg/fault";
import { childFault, missingFault, timeFault } from "./faults.ts";
import type { PythonSettings } from "./settings.ts";

/** What a child says when it has set its limits. */
export interface Ready {
  /** The interpreter itself, behind links and version managers. */
  readonly executable: string;
  readonly version: string;
  /** Limits that this machine does not enforce. */
  readonly refused: readonly string[];
}

/** A Python process that answers requests in order; child.py is its other half. It never outlives this process. */
export interface PythonChild extends AsyncDisposable {
  /** False once it has ended, for whatever reason. */
  readonly isAlive: boolean;
  /** Requests without an answer. */
  readonly pending: number;
  /**
   * Sends one line. Rejects with PYTHON_TIMEOUT when the answer takes longer than `limitMs` from the moment the child can begin
   * with it, with PYTHON_DIED when it ends; the child is gone then.
   */
  ask(line: string, limitMs: number): Promise<string>;
}

interface Question {
  readonly limitMs: number;
  readonly resolve: (line: string) => void;
  readonly reject: (fault: Fault) => void;
}

const STDERR_KEPT = 2000;

/** Starts a child; an interpreter that cannot be started shows in the first answer. */
export const startChild = (settings: PythonSettings): PythonChild => new Child(settings);

class Child implements PythonChild {
  isAlive = true;
  private readonly process: ChildProcess;
  private readonly questions: Question[] = [];
  private readonly closed: Promise<void>;
  private readonly parts: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private fault: Fault | undefined;
  private errors = "";

  constructor(settings: PythonSettings) {
    const script = fileURLToPath(import.meta.resolve("#processor/python-child"));
    // The reference sends the program through standard input, which "-" asks for.
    const parameters = settings.parameters.filter((parameter) => parameter !== "-");
    this.process = spawn(settings.interpreter, [...parameters, script], {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      env: settings.environment,
      // A process group of its own, so that everything the code starts can be ended together.
      detached: true,
    });
    this.closed = new Promise((resolve) => {
      this.process.once("close", () => resolve());
      this.process.once("error", (error) => {
        this.end(missingFault(settings.interpreter, error));
        resolve();
      });
    });
    this.process.once("exit", (code, signal) => this.end(childFault(code, signal, this.errors)));
    this.listen();
  }

  get pending(): number {
    return this.questions.length;
  }

  ask(line: string, limitMs: number): Promise<string> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    return new Promise((resolve, reject) => {
      this.questions.push({ limitMs, resolve, reject });
      if (this.questions.length === 1) this.watch();
      (this.process.stdin as Writable).write(`${line}\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end(new Fault("STOPPED", "the Python process was ended"));
    this.keepAwake(true);
    await this.closed;
  }

  private listen(): void {
    const { stdin, stdout, stderr, stdio } = this.process;
    const output = stdout as Readable;
    output.setEncoding("latin1");
    output.on("data", (text: string) => this.take(text));
    (stderr as Readable).setEncoding("utf8");
    (stderr as Readable).on("data", (text: string) => {
      this.errors = (this.errors + text).slice(-STDERR_KEPT);
    });
    // A pipe that breaks shows as the end of the process, which is told once.
    for (const stream of [stdin, stdio[3]]) (stream as Writable).on("error", () => undefined);
    this.keepAwake(false);
  }

  /** An idle child does not keep this process from ending; the clock of a question does. */
  private keepAwake(isNeeded: boolean): void {
    const handles = [this.process, ...(this.process.stdio as readonly (Socket | null)[])];
    for (const handle of handles)
      if (isNeeded) handle?.ref();
      else handle?.unref();
  }

  private take(text: string): void {
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      this.parts.push(text.slice(from, end));
      this.answer(this.parts.join(""));
      this.parts.length = 0;
      from = end + 1;
    }
    if (from < text.length) this.parts.push(text.slice(from));
  }

  private answer(line: string): void {
    const question = this.questions.shift();
    this.watch();
    question?.resolve(line);
  }

  /** The clock of the question that the child is at; the next one starts when this one is answered. */
  private watch(): void {
    clearTimeout(this.timer);
    const [current] = this.questions;
    if (current === undefined || this.fault !== undefined) return;
    this.timer = setTimeout(() => this.end(timeFault(current.limitMs)), current.limitMs);
  }

  /** Once: the first reason counts. Ends the process with everything in its group. */
  private end(fault: Fault): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.isAlive = false;
    clearTimeout(this.timer);
    this.killGroup();
    for (const { reject } of this.questions.splice(0)) reject(fault);
  }

  private killGroup(): void {
    const { pid } = this.process;
    if (pid === undefined) return;
    try {
      kill(-pid, "SIGKILL");
    } catch (error) {
      // Nobody is left in the group.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
