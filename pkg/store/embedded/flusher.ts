import { storeFault } from "./store-faults.ts";

/** What lmdb-js databases have beside what their types tell: flushes in a thread of its own. */
interface Syncable {
  sync(callback: (error: unknown) => void): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Flushes commits of one environment to disk without holding up the thread; requests that come meanwhile share the next one. */
export class Flusher {
  readonly #database: Syncable;
  readonly #path: string;
  #waiting: Waiting[] = [];
  #current: Promise<void> | undefined;
  #isDue = false;
  /** Of a flush that nobody waited for. */
  #failure: unknown;

  constructor(database: unknown, path: string) {
    this.#database = database as Syncable;
    this.#path = path;
  }

  /** Resolves when everything committed before this call is on disk. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.begin();
    });
  }

  /** Begins a flush; a failure is told to those who wait for it, or by the next flush. */
  begin(): void {
    this.#isDue = true;
    this.#current ??= this.#work().finally(() => {
      this.#current = undefined;
    });
  }

  /** Resolves when nothing is being flushed any more. */
  async finish(): Promise<void> {
    await this.#current;
  }

  async #work(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      const error = (await this.#sync()) ?? this.#failure;
      this.#failure = waiting.length === 0 ? error : undefined;
      for (const { resolve, reject } of waiting) {
        if (error === undefined) resolve();
        else reject(storeFault(error, { path: this.#path }));
      }
    }
  }

  #sync(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#database.sync((error) => resolve(error ?? undefined));
    });
  }
}
