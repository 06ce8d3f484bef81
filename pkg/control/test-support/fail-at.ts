import { Fault } from "#pkg/fault";

/**
 * What happens at the chosen call. `before`: the process dies without having acted. `after`: it dies having acted, nobody
 * hears the answer. `applied`, `later`, `never`: the outcome is unknown (a retryable fault) and the call took effect, takes
 * effect after the next call, or never does.
 */
export type FailureMode = "before" | "after" | "applied" | "later" | "never";

export const FAILURE_MODES = ["before", "after", "applied", "later", "never"] as const;

/** A file that nobody will ever read or write is closed, as the end of a process closes it; it stays where it is. */
async function closeLost(answer: unknown): Promise<void> {
  if (typeof answer !== "object" || answer === null) return;
  if ("finish" in answer) await (answer as { finish(): Promise<unknown> }).finish();
  if (Symbol.asyncDispose in answer) await (answer as AsyncDisposable)[Symbol.asyncDispose]();
}

/** Counts the calls of several ports together, so that one number names one moment of a whole program. */
export class FailurePlan {
  calls = 0;
  /** Name of the method that was made to fail. */
  failed: string | undefined;
  /** A dead process makes no further call; set to false when another one begins. */
  isDead = false;
  private readonly at: number;
  private readonly mode: FailureMode;
  private late: (() => Promise<unknown>) | undefined;

  constructor(at: number, mode: FailureMode) {
    this.at = at;
    this.mode = mode;
  }

  async call(name: string, act: () => Promise<unknown>): Promise<unknown> {
    if (this.isDead) throw new Fault("INJECTED", `${name} was called by a dead process`);
    this.calls += 1;
    if (this.calls !== this.at) {
      const answer = await act();
      const late = this.late;
      this.late = undefined;
      // Nobody hears how a call ends whose caller has given up: its file may be closed by now.
      await late?.().then(closeLost, () => undefined);
      return answer;
    }
    this.failed = name;
    if (this.mode === "after" || this.mode === "applied") await closeLost(await act());
    if (this.mode === "later") this.late = act;
    this.isDead = this.mode === "before" || this.mode === "after";
    throw new Fault("INJECTED", `call ${this.at} (${name}) was made to fail`, {
      retryable: !this.isDead,
    });
  }
}

const AsyncGenerator = async function* () {}.constructor;

/** Every pull of an iterable that a port hands out is a call of its own. */
async function* pulls(plan: FailurePlan, name: string, source: AsyncGenerator): AsyncGenerator {
  try {
    for (;;) {
      const next = (await plan.call(name, () => source.next())) as IteratorResult<unknown>;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await source.return(undefined);
  }
}

/** Wraps a port so that the plan's call fails, once. Methods must be async generators or answer with promises. */
export function failing<Port extends object>(port: Port, plan: FailurePlan): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function" || typeof name !== "string") return member;
      if (member instanceof AsyncGenerator)
        return (...args: unknown[]) =>
          pulls(plan, name, Reflect.apply(member, target, args) as AsyncGenerator);
      return (...args: unknown[]) =>
        plan.call(name, () => Reflect.apply(member, target, args) as Promise<unknown>);
    },
  });
}

/** Wraps one port so that its n-th call fails, once, as a crash would. */
export const failAt = <Port extends object>(
  port: Port,
  n: number,
  mode: FailureMode = "before",
): Port => failing(port, new FailurePlan(n, mode));
