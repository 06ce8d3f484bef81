import { ABORT, open, TransactionFlags, type RootDatabase } from "lmdb";
import { join } from "node:path";
import { fileIdentity } from "./examine-file.ts";
import { makeIfAbsent } from "./node-folder.ts";
import { errorCode } from "./store-faults.ts";
import { releaseBeforeOpening, WriteLock } from "./write-lock.ts";

/**
 * What several processes do with the environments of one folder, one after the other. Two things in lmdb-js 3.5 are only safe
 * that way: opening an environment sets the number of its last transaction to what was read a moment before, so that a commit of
 * another process in between is overwritten by the next; and a transaction that changes nothing leaves a list of free pages
 * behind that is taken for current after the commit of another process.
 * The gate is the write lock of an environment of its own that never holds anything; a process that dies inside leaves it open. It
 * stays open as long as its file is there: who closes an environment as the last one destroys the locks under somebody who just
 * opens it.
 */
export class Gate {
  /** Those that this thread has open, by path. */
  static readonly #known = new Map<string, Gate>();
  readonly #database: RootDatabase<string, string>;
  readonly #lock: WriteLock;
  readonly #path: string;
  readonly #identity: string | undefined;
  #isClosed = false;

  private constructor(path: string) {
    this.#path = path;
    this.#database = open({ path, noSubdir: false, encoding: "string", noSync: true, maxDbs: 1 });
    this.#lock = new WriteLock(path);
    this.#identity = identityAt(path);
  }

  /**
   * The gate of the environments in `folder`, which must exist. Who only looks finds none where nobody ever wrote or where
   * there is no right to write; then opening changes nothing either.
   */
  static at(folder: string, readOnly: boolean): Gate | undefined {
    const path = join(folder, GATE);
    if (!readOnly) makeIfAbsent(path);
    const identity = identityAt(path);
    if (identity === undefined && readOnly) return undefined;
    const known = Gate.#known.get(path);
    if (known !== undefined && known.#identity === identity) return known;
    Gate.#closeDeleted();
    try {
      releaseBeforeOpening(folder);
      const gate = new Gate(path);
      Gate.#known.set(path, gate);
      return gate;
    } catch (error) {
      if (readOnly && NO_RIGHT.has(errorCode(error))) return undefined;
      throw error;
    }
  }

  /** Those of keyspaces that were dropped; each costs two files. */
  static #closeDeleted(): void {
    for (const gate of Gate.#known.values())
      if (identityAt(gate.#path) !== gate.#identity) gate.#close();
  }

  #close(): void {
    Gate.#known.delete(this.#path);
    this.#isClosed = true;
    void this.#database.close();
  }

  /** Runs `action` while no other thread or process is inside. Not to be entered again from inside. */
  pass<T>(action: () => T): T {
    // Nobody else can get at what was deleted.
    if (this.#isClosed) return action();
    this.#lock.release();
    return this.#database.transactionSync(action, COMMITTED);
  }
}

const identityAt = (path: string): string | undefined => fileIdentity(join(path, "data.mdb"));

/** Name of its folder. */
export const GATE = "gate";

/** As `pass`; without a gate at once. */
export const through = <T>(gate: Gate | undefined, action: () => T): T =>
  gate === undefined ? action() : gate.pass(action);

/** Makes lmdb forget which pages it took for free. For environments that were just opened, inside the gate. */
export function forgetFreePages(database: RootDatabase<unknown, string>): void {
  database.transactionSync(() => ABORT, ABORTABLE);
}

const COMMITTED = TransactionFlags.SYNCHRONOUS_COMMIT;
const ABORTABLE = (TransactionFlags.SYNCHRONOUS_COMMIT |
  TransactionFlags.ABORTABLE) as TransactionFlags;
/** As names of `node:fs` and as numbers of lmdb: EPERM, EACCES, EROFS. */
const NO_RIGHT: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "EROFS", 1, 13, 30]);
