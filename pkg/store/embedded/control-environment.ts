import { ABORT, open, TransactionFlags, type RootDatabase } from "lmdb";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import { canonicalJson } from "../canonical-json.ts";
import type { Key, Prefix } from "./control-keys.ts";
import { examineFile, fileIdentity } from "./examine-file.ts";
import { Flusher } from "./flusher.ts";
import { forgetFreePages, Gate, through } from "./gate.ts";
import { storeFault, unavailable } from "./store-faults.ts";
import { watchWriteLocks, WriteLock } from "./write-lock.ts";

/** Reads and writes of the control records; only valid inside the callback that got it. */
export interface ControlTransaction {
  get<T>(key: Key<T>): T | undefined;
  /** Values whose keys begin with `prefix`, in key order. */
  scan<T>(prefix: Prefix<T>): readonly Entry<T>[];
  keysBelow(prefix: string, limit: number): readonly string[];
  put<T>(key: Key<T>, value: T): void;
  remove(key: string): void;
}

interface Entry<T> {
  readonly key: Key<T>;
  readonly value: T;
}

/**
 * When a write is answered. `committed`: every process sees it and it survives the end of all of them; a power failure may take
 * it together with everything after it, never leaving the records inconsistent. `soon`: the same, and a flush begins at once.
 * `flushed`: after a flush, it survives a power failure.
 */
export type Durability = "flushed" | "soon" | "committed";

interface Waiting {
  readonly durability: Durability;
  readonly action: (transaction: ControlTransaction) => unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The lmdb environment of the control store. Writes that arrive during one turn of the event loop share one transaction and
 * at most one flush, which happens in the background: each action runs to its end before the next, an answer is given after
 * the commit, or after the flush to the one that asked for it.
 * lmdb-js has such batching too, but reports a failed commit apart from the writes it carried; a full disk must reach them.
 */
export class ControlEnvironment {
  readonly #database: RootDatabase<string, string>;
  readonly #path: string;
  readonly #readOnly: boolean;
  readonly #identity: string | undefined;
  readonly #transaction: ControlTransaction;
  readonly #flusher: Flusher;
  readonly #gate: Gate | undefined;
  readonly #lock: WriteLock;
  readonly #watch: Disposable | undefined;
  #waiting: Waiting[] = [];
  /** Whether the transaction of this moment has written. */
  #isChanged = false;
  #closed = false;

  constructor(path: string, readOnly: boolean) {
    this.#path = path;
    this.#readOnly = readOnly;
    try {
      const file = join(path, "data.mdb");
      if (readOnly && fileIdentity(file) === undefined) {
        throw unavailable(path, "there is no control store yet");
      }
      examineFile(file, "STORE_DAMAGED");
      if (!readOnly) mkdirSync(path, { recursive: true });
      this.#gate = Gate.at(path, readOnly);
      this.#database = through(this.#gate, () => openDatabase(path, readOnly));
      this.#identity = fileIdentity(file);
      this.#flusher = new Flusher(this.#database, path);
    } catch (error) {
      throw storeFault(error, { path });
    }
    this.#transaction = transactionOn(this.#database, () => {
      this.#isChanged = true;
    });
    this.#lock = new WriteLock(path);
    this.#watch = readOnly ? undefined : watchWriteLocks();
  }

  /** A consistent view of this moment. */
  read<T>(action: (transaction: ControlTransaction) => T): T {
    try {
      this.#checkUsable();
      this.#database.resetReadTxn();
      return action(this.#transaction);
    } catch (error) {
      throw storeFault(error, { path: this.#path });
    }
  }

  /**
   * `action` must decide from what it reads, write, and return. A Fault that it throws before its first write is its own;
   * anything else that is thrown undoes and refuses everything that shares the transaction.
   */
  write<T>(
    action: (transaction: ControlTransaction) => T,
    durability: Durability = "flushed",
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (answer: unknown): void => resolve(answer as T);
      this.#waiting.push({ durability, action, resolve: settle, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    });
  }

  /** The same in a transaction of its own, at once. For opening. */
  writeNow<T>(action: (transaction: ControlTransaction) => T): T {
    try {
      return this.#transact(() => action(this.#transaction), FLUSHED);
    } catch (error) {
      throw storeFault(error, { path: this.#path });
    }
  }

  #commit(): void {
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    const settle: (() => void)[] = [];
    try {
      this.#checkUsable();
      if (this.#readOnly) throw unavailable(this.#path, "the control store was opened for reading");
      this.#transact(() => {
        for (const waiting of group) settle.push(this.#run(waiting));
      }, COMMITTED);
    } catch (error) {
      const fault = storeFault(error, { path: this.#path });
      for (const waiting of group) waiting.reject(fault);
      return;
    }
    for (const answer of settle) answer();
    if (group.some(({ durability }) => durability === "soon")) this.#flusher.begin();
  }

  /** A transaction that writes nothing is undone, which is the same, but leaves no list of free pages (`Gate`). */
  #transact<T>(action: () => T, durability: TransactionFlags): T {
    this.#lock.release();
    this.#isChanged = false;
    const answers: T[] = [];
    through(this.#gate, () =>
      this.#database.transactionSync(() => {
        answers.push(action());
        return this.#isChanged ? undefined : ABORT;
      }, durability),
    );
    return answers[0] as T;
  }

  #run({ action, durability, resolve, reject }: Waiting): () => void {
    try {
      const answer = action(this.#transaction);
      if (durability === "flushed")
        return () => void this.#flusher.flush().then(() => resolve(answer), reject);
      return () => resolve(answer);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return () => reject(error);
    }
  }

  /** A folder that was deleted or replaced would go on taking writes that nobody ever sees. */
  #checkUsable(): void {
    if (this.#closed) throw unavailable(this.#path, "the control store was closed");
    if (fileIdentity(join(this.#path, "data.mdb")) === this.#identity) return;
    throw unavailable(this.#path, "the control store was deleted or replaced while it was open");
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#commit();
    this.#closed = true;
    this.#watch?.[Symbol.dispose]();
    await this.#flusher.finish();
    await through(this.#gate, () => this.#database.close());
  }
}

/** Address space, not memory or disk. */
const MAP_SIZE = 2 ** 30;
/** Commit and flush before returning; the transaction is never a child of another. */
const FLUSHED = TransactionFlags.SYNCHRONOUS_COMMIT;
/** Commit only; the next flushed transaction takes it along. */
const COMMITTED = (TransactionFlags.SYNCHRONOUS_COMMIT |
  TransactionFlags.NO_SYNC_FLUSH) as TransactionFlags;

function openDatabase(path: string, readOnly: boolean): RootDatabase<string, string> {
  const database: RootDatabase<string, string> = open({
    path,
    readOnly,
    noSubdir: false,
    encoding: "string",
    // After another boot lmdb goes back to the last flushed transaction, so that unflushed ones can never leave half a record.
    overlappingSync: true,
    maxReaders: 2048,
    maxDbs: 2,
    mapSize: MAP_SIZE,
  });
  if (!readOnly) forgetFreePages(database);
  return database;
}

function transactionOn(
  database: RootDatabase<string, string>,
  onChange: () => void,
): ControlTransaction {
  const range = (prefix: string) => ({ start: prefix, end: `${prefix}\u{7f}` });
  return {
    get: <T>(key: Key<T>) => {
      const text = database.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    scan: <T>(prefix: Prefix<T>) =>
      Array.from(database.getRange(range(prefix)), ({ key, value }) => ({
        key: key as Key<T>,
        value: JSON.parse(value) as T,
      })),
    keysBelow: (prefix, limit) => Array.from(database.getKeys({ ...range(prefix), limit })),
    put: (key, value) => {
      onChange();
      database.putSync(key, canonicalJson(value));
    },
    remove: (key) => {
      onChange();
      database.removeSync(key);
    },
  };
}
