import { dirname } from "node:path";
import { Gate } from "./gate.ts";
import { isReadable, prepareForWriting } from "./node-folder.ts";
import { storeFault } from "./store-faults.ts";
import { TableEnvironment } from "./table-environment.ts";

/** Environments that one store keeps open; each costs two files and an address range. */
const MOST_OPEN = 64;
/** Bytes read; opening again costs as much as reading a few hundred kilobytes. */
const WORTH_CLOSING = 1 << 20;
/** A large file that was not used for so long is closed, at the latest after twice that. */
const SETTLE_MS = 50;
/** A unit of work reads up to two tables and writes one. */
const IN_USE = 3;

/**
 * Open environments by folder, least recently used first. Callers use an environment at once and do not keep it over an
 * await, so any may be closed between two calls.
 */
export class TableEnvironments {
  readonly #open = new Map<string, TableEnvironment>();
  readonly #closing = new Map<string, Promise<void>>();
  readonly #boot: string;
  readonly #readOnly: boolean;
  readonly #mostMapped: number;
  /** Used since the last look at what to close. */
  #used = new Set<TableEnvironment>();
  /** Empty but for that look, which takes turns with the two. */
  #usedBefore = new Set<TableEnvironment>();
  #isSettling = false;

  /** `mostMapped`: see EmbeddedTablesOptions.mappedBytes. */
  constructor(boot: string, readOnly: boolean, mostMapped: number) {
    this.#boot = boot;
    this.#readOnly = readOnly;
    this.#mostMapped = mostMapped;
  }

  /** `use` is given undefined when nothing readable was ever written there. */
  reading<Result>(
    path: string,
    use: (environment: TableEnvironment | undefined) => Result,
  ): Promise<Result> {
    return this.#using(path, () => {
      const open = (): TableEnvironment | undefined =>
        isReadable(path, this.#boot) ? this.#add(path) : undefined;
      const environment = this.#known(path) ?? translated(path, open);
      if (environment !== undefined) this.#noteUse(environment);
      return use(environment);
    });
  }

  writing<Result>(path: string, use: (environment: TableEnvironment) => Result): Promise<Result> {
    return this.#using(path, () => {
      const open = (): TableEnvironment => {
        prepareForWriting(path, this.#boot);
        return this.#add(path);
      };
      const environment = this.#known(path) ?? translated(path, open);
      this.#noteUse(environment);
      return use(environment);
    });
  }

  /**
   * Somebody has read from it and turns to what was read now. Threads share the mapping of a file, which ends when none of them has it
   * open: so a large one is closed between reads.
   */
  rest(environment: TableEnvironment): void {
    if (environment.bytesRead >= WORTH_CLOSING && environment.bytes() > this.#mostMapped)
      this.forget(environment);
  }

  /** Closes it so that the next call opens what is there then. */
  forget(environment: TableEnvironment): void {
    if (this.#open.get(environment.path) === environment) this.#close(environment.path);
  }

  async closeBelow(folder: string): Promise<void> {
    const below = [...this.#open.keys()].filter((path) => path.startsWith(folder));
    for (const path of below) this.#close(path);
    await Promise.all(this.#closing.values());
  }

  /** Nothing is awaited between opening an environment and its use: in between another call could close it, and so on in turns for ever. */
  async #using<Result>(path: string, use: () => Result): Promise<Result> {
    while (this.#closing.has(path)) await this.#closing.get(path);
    return use();
  }

  #known(path: string): TableEnvironment | undefined {
    const known = this.#open.get(path);
    if (known === undefined) return undefined;
    this.#open.delete(path);
    this.#open.set(path, known);
    return known;
  }

  #add(path: string): TableEnvironment {
    const environment = new TableEnvironment(
      path,
      this.#readOnly,
      Gate.at(dirname(dirname(path)), this.#readOnly),
    );
    this.#open.set(path, environment);
    this.#makeRoom();
    return environment;
  }

  /** One that is written was small when it was opened, so every use counts. */
  #noteUse(environment: TableEnvironment): void {
    this.#used.add(environment);
    this.#settleSoon();
  }

  #settleSoon(): void {
    if (!this.#isSettling) setTimeout(() => this.#settle(), SETTLE_MS).unref();
    this.#isSettling = true;
  }

  /** Between units of work: the table of one that has ended may not be used again for long. Called by a timer, so it throws nothing. */
  #settle(): void {
    this.#isSettling = false;
    const used = this.#used;
    this.#used = this.#usedBefore;
    this.#usedBefore = used;
    for (const environment of this.#open.values()) {
      if (this.#isSmall(environment)) continue;
      if (used.has(environment)) this.#settleSoon();
      else this.#close(environment.path);
    }
    used.clear();
  }

  /** One whose size the system does not tell is let go of: its next user opens what is there then, or is told what is wrong. */
  #isSmall(environment: TableEnvironment): boolean {
    try {
      return environment.bytes() <= this.#mostMapped;
    } catch {
      return false;
    }
  }

  /** Closes large ones but for the one opened last, and those not used for the longest time. */
  #makeRoom(): void {
    const others = [...this.#open.values()].toReversed().slice(1);
    let mapped = 0;
    for (const [at, environment] of others.entries()) {
      const bytes = environment.bytes();
      if (at >= IN_USE - 1) mapped += Math.min(bytes, environment.bytesRead);
      if (bytes > this.#mostMapped || mapped > this.#mostMapped || at + 1 >= MOST_OPEN)
        this.#close(environment.path);
    }
  }

  #close(path: string): void {
    const environment = this.#open.get(path);
    if (environment === undefined) return;
    this.#open.delete(path);
    const closing = closed(environment).finally(() => this.#closing.delete(path));
    // Whoever waits for it is told when it fails; with nobody waiting that must not end the thread.
    closing.catch(() => undefined);
    this.#closing.set(path, closing);
  }
}

/**
 * What lmdb-js keeps of an environment beside the file is freed by tasks of the event loop, to which a thread that only reads tables
 * would never come.
 */
async function closed(environment: TableEnvironment): Promise<void> {
  await environment.close();
  await new Promise((turned) => setImmediate(turned));
}

function translated<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw storeFault(error, { path });
  }
}
