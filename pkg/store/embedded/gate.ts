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
 * stays open until the thread ends: who closes an environment as the last one destroys the locks under somebody who just opens it.
 */
export class Gate {
  /** Those that this thread has open, by path. */
  static readonly #known = new Map<string, Gate>();
  readonly #database: RootDatabase<string, string>;
  readonly #lock: WriteLock;
  readonly #identity: string | undefined;

  private constructor(path: string) {
    this.#database = open({ path, noSubdir: false, encoding: "string", noSync: true, maxDbs: 1 });
    this.#lock = new WriteLock(path);
    this.#identity = fileIdentity(join(path, "data.mdb"));
  }

  /**
   * The gate of the environments in `folder`, which must exist. Who only looks finds none where nobody ever wrote or where
   * there is no right to write; then opening changes nothing either.
   */
  static at(folder: string, readOnly: boolean): Gate | undefined {
    const path = join(folder, GATE);
    if (!readOnly) makeIfAbsent(path);
    const identity = fileIdentity(join(path, "data.mdb"));
    if (identity === undefined && readOnly) return undefined;
    const known = Gate.#known.get(path);
    if (known !== undefined && known.#identity === identity) return known;
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

  /** Runs `action` while no other thread or process is inside. Not to be entered again from inside. */
  pass<T>(action: () => T): T {
    this.#lock.release();
    return this.#database.transactionSync(action, COMMITTED);
  }
}

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
