import { open, TransactionFlags, type RootDatabase } from "lmdb";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import { pageBytes } from "#pkg/rowset";
import { lengthKey, segmentKey, TOKENS, tokenRange } from "./table-keys.ts";
import { examineFile, fileIdentity, fileSize } from "./examine-file.ts";
import { forgetFreePages, through, type Gate } from "./gate.ts";
import { storeFault } from "./store-faults.ts";
import type { NodePlace } from "../tables.ts";

/** A larger value would need that many neighbouring free pages in the file. */
const SEGMENT = 1 << 20;
/** Bytes after which a transaction ends, so that nobody waits long for the write lock. */
const PER_TRANSACTION = 4 << 20;
/** Values deleted at once. The system maps 64 KB around the page of each that is looked at. */
const DELETIONS = 250;
/** Address space, not memory or disk; growing it later is possible but stops the other threads. */
const MAP_SIZE = 4 * 2 ** 30;
/** Of a write: commit before returning. Nothing is flushed, the environment is opened with noSync. */
const COMMITTED = TransactionFlags.SYNCHRONOUS_COMMIT;
const SEALED = "sealed";

export interface KeyedData {
  readonly key: string;
  readonly data: Uint8Array;
}

/** The lmdb environment of one node of one run. Everything here is synchronous: a transaction never spans an await. */
export class TableEnvironment {
  readonly path: string;
  readonly #database: RootDatabase<Uint8Array, string>;
  readonly #identity: string | undefined;
  readonly #gate: Gate | undefined;
  /** Bytes read since it was opened, which are mapped until it is closed: at most those of the file. */
  bytesRead = 0;

  /** `gate` is that of the folder of its keyspace. */
  constructor(path: string, readOnly: boolean, gate: Gate | undefined) {
    this.path = path;
    this.#gate = gate;
    try {
      const file = join(path, "data.mdb");
      examineFile(file, "TABLE_DAMAGED");
      this.#database = through(gate, () => openDatabase(path, readOnly));
      this.#identity = fileIdentity(file);
    } catch (error) {
      throw storeFault(error, { path, damaged: "TABLE_DAMAGED" });
    }
  }

  /** False when the folder was dropped, deleted or replaced since it was opened. */
  isInPlace(): boolean {
    return fileIdentity(join(this.path, "data.mdb")) === this.#identity;
  }

  /** Size of the file, 0 when it is gone. */
  bytes(): number {
    return fileSize(join(this.path, "data.mdb"));
  }

  /** Answers whether the environment was sealed, that is whether the caller has to flush again. */
  write(pieces: readonly KeyedData[]): boolean {
    let sealed = false;
    for (const group of groupsOf(pieces.flatMap(segmentsOf))) {
      this.#transaction(() => {
        for (const { key, data } of group) this.#database.putSync(key, data);
        sealed = this.#database.doesExist(SEALED);
      });
    }
    return sealed;
  }

  /** Undefined when there is no such piece or a segment of it is missing. */
  read(key: string): Uint8Array | undefined {
    try {
      const found = this.#copy(key) ?? this.#join(key);
      if (found !== undefined) return found;
      this.#database.resetReadTxn();
      return this.#copy(key) ?? this.#join(key);
    } catch (error) {
      throw storeFault(error, { path: this.path, damaged: "TABLE_DAMAGED" });
    }
  }

  seal(): void {
    this.#transaction(() => this.#database.putSync(SEALED, new Uint8Array(0)));
  }

  /** Deletes some of what was written under other tokens; false when there was nothing left. Looks at a page of each value. */
  sweepSome(keep: ReadonlySet<string>): boolean {
    const kept = new Set([...keep].map(tokenRange));
    for (const range of this.#tokenRanges()) if (!kept.has(range)) return this.#deleteBelow(range);
    return false;
  }

  /** Tokens that something was written under, as file names of theirs. */
  tokens(): ReadonlySet<string> {
    try {
      return new Set([...this.#tokenRanges()].map((range) => range.slice(TOKENS.length, -1)));
    } catch (error) {
      throw storeFault(error, { path: this.path, damaged: "TABLE_DAMAGED" });
    }
  }

  *#tokenRanges(): Generator<string> {
    let from = TOKENS;
    for (;;) {
      this.#database.resetReadTxn();
      const next = [...this.#database.getKeys({ start: from, end: `${TOKENS}\u{7f}`, limit: 1 })];
      const range = next[0]?.slice(0, next[0].indexOf("/", TOKENS.length) + 1);
      if (range === undefined) return;
      yield range;
      from = `${range}\u{7f}`;
    }
  }

  close(): Promise<void> {
    return through(this.#gate, () => this.#database.close());
  }

  /**
   * getBinaryFast answers a view on a buffer that the next read reuses, or on mapped pages: copied at once, into memory
   * that nobody else has.
   */
  #copy(key: string): Uint8Array | undefined {
    const view = this.#database.getBinaryFast(key);
    if (view === undefined) return undefined;
    this.bytesRead += view.length;
    const own = Buffer.allocUnsafeSlow(view.length);
    own.set(new Uint8Array(view.buffer, view.byteOffset, view.length));
    return new Uint8Array(own.buffer);
  }

  #join(key: string): Uint8Array | undefined {
    const length = this.#copy(lengthKey(key));
    if (length === undefined) return undefined;
    const own = pageBytes(Number(Buffer.from(length).readBigUInt64LE()));
    for (let at = 0; at < own.length; at += SEGMENT) {
      const view = this.#database.getBinaryFast(segmentKey(key, at / SEGMENT));
      if (view?.length !== Math.min(SEGMENT, own.length - at)) return undefined;
      this.bytesRead += view.length;
      own.set(new Uint8Array(view.buffer, view.byteOffset, view.length), at);
    }
    return own;
  }

  #deleteBelow(range: string): boolean {
    this.#database.resetReadTxn();
    const some = [
      ...this.#database.getKeys({ start: range, end: `${range}\u{7f}`, limit: DELETIONS }),
    ];
    this.#transaction(() => {
      for (const key of some) this.#database.removeSync(key);
    });
    return some.length > 0;
  }

  #transaction(action: () => void): void {
    try {
      through(this.#gate, () => this.#database.transactionSync(action, COMMITTED));
    } catch (error) {
      throw storeFault(error, { path: this.path, damaged: "TABLE_DAMAGED" });
    }
  }
}

function openDatabase(path: string, readOnly: boolean): RootDatabase<Uint8Array, string> {
  const database: RootDatabase<Uint8Array, string> = open({
    path,
    readOnly,
    noSubdir: false,
    encoding: "binary",
    noSync: true,
    noMemInit: true,
    maxReaders: 2048,
    maxDbs: 2,
    mapSize: MAP_SIZE,
  });
  if (!readOnly) forgetFreePages(database);
  return database;
}

/** A piece as the values that are stored; the length of a cut piece comes last, so that it is there only with all segments. */
function segmentsOf({ key, data }: KeyedData): readonly KeyedData[] {
  if (data.length <= SEGMENT) return [{ key, data }];
  const segments: KeyedData[] = [];
  for (let at = 0; at < data.length; at += SEGMENT) {
    segments.push({
      key: segmentKey(key, at / SEGMENT),
      data: data.subarray(at, at + SEGMENT),
    });
  }
  const length = Buffer.allocUnsafe(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return [...segments, { key: lengthKey(key), data: length }];
}

function groupsOf(values: readonly KeyedData[]): (readonly KeyedData[])[] {
  const groups: KeyedData[][] = [];
  let room = 0;
  for (const value of values) {
    if (groups.length === 0 || room < value.data.length) {
      groups.push([]);
      room = PER_TRANSACTION;
    }
    groups.at(-1)?.push(value);
    room -= value.data.length;
  }
  return groups;
}

export const missingPiece = (place: NodePlace, piece: object): Fault =>
  new Fault(
    "TABLE_DAMAGED",
    `a piece of the table of node "${place.node}" of run ${place.run} is missing or incomplete`,
    { facts: { ...place, ...piece } },
  );
