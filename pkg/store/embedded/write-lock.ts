import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from "node:fs";
import { join } from "node:path";

/**
 * lmdb lets one transaction write and one thread flush at a time, by mutexes in the lock file that their owners keep however long
 * it takes. A process that is stopped (SIGSTOP, Ctrl-Z) in that moment would hold up everybody else for ever, without a word. So
 * whoever finds the owner stopped lets it go on until it owns none, and stops it again: it does what it would have done a
 * moment earlier, and what it does when it is really continued is refused by its lost lease.
 * The mutexes are read where the file is mapped: closing a file of its own would take the locks of lmdb on it away (POSIX).
 */
const LOCK_FILE = "lock.mdb";

/**
 * Where the mutexes of readers, writers and flushes are in the lock file of lmdb 3.5, each 40 bytes as of glibc on 64-bit x86;
 * on other systems one waits for the owner.
 */
const MUTEXES = { at: 0x18, each: 40, count: 3 } as const;
const isKnown = process.platform === "linux" && process.arch === "x64";
/** The lower bits of the first word of a robust mutex name the thread that owns it; the upper two are flags. */
const OWNER = 0x3fff_ffff;
const POLL_MS = 1;
/** Longer than any transaction. */
const POLLS = 1000;
/** It may take the lock again in the moment before it is stopped. */
const PUSHES = 5;
const LOOK_MS = 1000;

/** A process by its number, or this one. */
type Who = number | "self";

interface Mapping {
  readonly path: string;
  readonly address: number;
}

/** The locks of an environment that this process has open. */
export class WriteLock {
  readonly #mapping: Mapping | undefined;

  constructor(folder: string) {
    const path = glance("", () => realpathSync(join(folder, LOCK_FILE)));
    const address = mappings("self").find((mapping) => mapping.path === path)?.address;
    // Its own path: that of the mapping found is a part of the list of all mappings and would keep it.
    this.#mapping = address === undefined ? undefined : { path, address };
  }

  /** Numbers of the threads that own a lock now; none where they cannot be told. */
  owners(): readonly number[] {
    return this.#mapping === undefined ? [] : ownersOf("self", this.#mapping);
  }

  /** Takes them from owners that are stopped. */
  release(): void {
    if (this.#mapping !== undefined) release(this.#mapping);
  }
}

/** The same for the environments in `folder` and below it that are not open yet; opening one writes. */
export function releaseBeforeOpening(folder: string): void {
  const below = `${glance(folder, () => realpathSync(folder))}/`;
  for (const pid of isKnown ? stoppedProcesses() : []) {
    for (const mapping of mappings(pid).filter(({ path }) => path.startsWith(below)))
      push(pid, () => ownersOf(pid, mapping));
  }
}

/**
 * Looks every second at the locks of all environments that this process has open, on behalf of threads that wait for one
 * already and therefore cannot look themselves.
 */
export function watchWriteLocks(): Disposable {
  const look = (): void => mappings("self").forEach(release);
  const timer = setInterval(look, LOOK_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** A number may be that of a process of another container; only one that has the file open can be an owner. */
function release(mapping: Mapping): void {
  for (const owner of ownersOf("self", mapping).filter(isStopped)) {
    if (mappings(owner).some(({ path }) => path === mapping.path))
      push(owner, () => ownersOf("self", mapping));
  }
}

/** Lets the stopped process of thread `owner` go on until it is without a lock. */
function push(owner: number, owners: () => readonly number[]): void {
  const threads = new Set(glance([], () => readdirSync(`/proc/${owner}/task`)).map(Number));
  const isOwner = (): boolean => owners().some((thread) => threads.has(thread));
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let pushes = 0; pushes < PUSHES && isOwner(); pushes++) {
    signal(owner, "SIGCONT");
    try {
      for (let poll = 0; poll < POLLS && isOwner(); poll++) Atomics.wait(clock, 0, 0, POLL_MS);
    } finally {
      signal(owner, "SIGSTOP");
    }
  }
}

function ownersOf(who: Who, { address }: Mapping): readonly number[] {
  const words = Buffer.alloc(MUTEXES.each * MUTEXES.count);
  return glance([], () => {
    const memory = openSync(`/proc/${who}/mem`, "r");
    try {
      readSync(memory, words, 0, words.length, address + MUTEXES.at);
    } finally {
      closeSync(memory);
    }
    const owners = Array.from(
      { length: MUTEXES.count },
      (_, mutex) => (words.readUInt32LE(mutex * MUTEXES.each) & OWNER) >>> 0,
    );
    return owners.filter((thread) => thread !== 0);
  });
}

const LOCK_MAPPING = new RegExp(String.raw`^([\da-f]+)-.* (/.*/${LOCK_FILE})$`, "gm");

const mappings = (who: Who): readonly Mapping[] =>
  Array.from(mapsOf(who).matchAll(LOCK_MAPPING), ([, start = "", path = ""]) => ({
    path,
    address: Number.parseInt(start, 16),
  }));

const mapsOf = (who: Who): string =>
  isKnown ? glance("", () => readFileSync(`/proc/${who}/maps`, "utf8")) : "";

const stoppedProcesses = (): readonly number[] =>
  glance([], () => readdirSync("/proc"))
    .map(Number)
    .filter((pid) => pid > 0 && isStopped(pid));

/** The state comes after the name, which is in parentheses. */
const isStopped = (thread: number): boolean =>
  glance(false, () => /\) T [^)]*$/.test(readFileSync(`/proc/${thread}/stat`, "utf8")));

/** To all threads of the process that `thread` belongs to. It may have ended, or belong to somebody else. */
const signal = (thread: number, name: "SIGCONT" | "SIGSTOP"): unknown =>
  glance(false, () => process.kill(thread, name));

/** What others do can end or vanish at any moment; it is looked at as far as it can be. */
function glance<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
