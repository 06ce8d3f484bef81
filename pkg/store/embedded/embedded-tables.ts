import { existsSync, mkdirSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import type { AttemptPlace, NodePlace, Piece, StoredPiece, TableStore } from "../tables.ts";
import { bootId, checkDataFolder, controlFolder } from "./data-folder.ts";
import { fileName } from "./file-name.ts";
import { isFolderOf, keyspaceFolder, nodeFolder } from "./keyspace-folder.ts";
import { flushData, flushFolder } from "./node-folder.ts";
import { errorCode, storeFault } from "./store-faults.ts";
import { missingPiece, type TableEnvironment } from "./table-environment.ts";
import { TableEnvironments } from "./table-environments.ts";
import { pieceKey } from "./table-keys.ts";
import { watchWriteLocks } from "./write-lock.ts";

/** Smaller files are not worth closing. */
const LARGE = 4 << 20;
const MAPPED_BYTES = 64 << 20;
/** Pieces that are read one after the other are read so many bytes at a time. */
const READ_AHEAD = 2 << 20;

export interface EmbeddedTablesOptions {
  readonly folder: string;
  readonly readOnly?: boolean;
  /**
   * Bytes of a table, and of all that were not used last, that stay mapped after they were read: the system takes such pages back when
   * it needs them, but until then they count as memory of the process. Default 64 MB.
   */
  readonly mappedBytes?: number;
  /** Which run of the operating system this is; for tests. */
  readonly boot?: string;
}

/**
 * Table data in the folders `<keyspace>.<incarnation>` of a data folder, one environment per run and node. The folder of a
 * keyspace is made by openKeyspace of the control store and taken away by `drop`; a write that comes after that is refused
 * with KEYSPACE_MISSING. Where no control store was ever opened the first write makes it.
 */
export async function openEmbeddedTables(options: EmbeddedTablesOptions): Promise<TableStore> {
  const { folder, readOnly = false, mappedBytes = MAPPED_BYTES, boot = bootId() } = options;
  await checkDataFolder(folder, readOnly);
  return new EmbeddedTables(
    folder,
    new TableEnvironments(boot, readOnly, mappedBytes),
    readOnly ? undefined : watchWriteLocks(),
  );
}

interface Stored {
  readonly data: Uint8Array;
  readonly environment: TableEnvironment;
}

class EmbeddedTables implements TableStore {
  readonly chunkSize = { rows: 16_384, bytes: 960 * 1024 };
  readonly #folder: string;
  readonly #environments: TableEnvironments;
  readonly #watch: Disposable | undefined;
  /** Incarnation → its folder. */
  readonly #keyspaces = new Map<string, string>();

  constructor(folder: string, environments: TableEnvironments, watch: Disposable | undefined) {
    this.#folder = folder;
    this.#environments = environments;
    this.#watch = watch;
  }

  async write(place: AttemptPlace, pieces: readonly StoredPiece[]): Promise<void> {
    if (pieces.length === 0) return;
    const keyed = pieces.map(({ piece, data }) => ({ key: pieceKey(place, piece), data }));
    const { path, sealed } = await this.#writing(place, (environment) => ({
      path: environment.path,
      sealed: environment.write(keyed),
    }));
    if (sealed) await flushData(path).catch(failAt(path));
  }

  async read(place: AttemptPlace, piece: Piece): Promise<Uint8Array> {
    const { data, environment } = await this.#stored(place, piece);
    this.#environments.rest(environment);
    return data;
  }

  async *readMany(place: AttemptPlace, first: Piece, count: number): AsyncGenerator<Uint8Array> {
    for (let seq = first.seq; seq < first.seq + count;) {
      const { group, missing } = await this.#readAhead(place, { ...first, seq }, first.seq + count);
      yield* group;
      if (missing !== undefined) throw missing.error;
      seq += group.length;
    }
  }

  /** Some of the pieces before `end`, and why it did not go on when that was before there were enough. */
  async #readAhead(
    place: AttemptPlace,
    first: Piece,
    end: number,
  ): Promise<{
    readonly group: readonly Uint8Array[];
    readonly missing?: { readonly error: unknown };
  }> {
    const group: Uint8Array[] = [];
    let bytes = 0;
    let last: TableEnvironment | undefined;
    try {
      for (let seq = first.seq; seq < end && bytes < READ_AHEAD; seq += 1) {
        const { data, environment } = await this.#stored(place, { ...first, seq });
        group.push(data);
        bytes += data.length;
        last = environment;
      }
    } catch (error) {
      return { group, missing: { error } };
    }
    if (last !== undefined) this.#environments.rest(last);
    return { group };
  }

  async flush(node: NodePlace): Promise<void> {
    const sealed = await this.#reading(node, (environment) => {
      environment?.seal();
      return environment;
    });
    if (sealed === undefined) return;
    await flushFolder(sealed.path).catch(failAt(sealed.path));
    this.#release(sealed);
  }

  async sweep(node: NodePlace, keep: ReadonlySet<string>): Promise<void> {
    const some = (): Promise<boolean> =>
      this.#reading(node, (environment) => {
        if (environment === undefined) return false;
        const isMore = environment.sweepSome(keep);
        this.#release(environment);
        return isMore;
      });
    while (await some());
  }

  async drop(incarnation: string): Promise<void> {
    const keyspace = await this.#find(incarnation);
    this.#keyspaces.delete(incarnation);
    const trash = join(this.#folder, `.trash-${fileName(incarnation)}`);
    try {
      if (keyspace !== undefined) {
        await this.#environments.closeBelow(keyspace);
        await rm(trash, { recursive: true, force: true });
        await rename(keyspace, trash).catch(unlessGone);
      }
      await rm(trash, { recursive: true, force: true });
    } catch (error) {
      throw storeFault(error, { path: trash });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    await this.#environments.closeBelow(this.#folder);
  }

  /** A piece, and where it was found. */
  async #stored(place: AttemptPlace, piece: Piece): Promise<Stored> {
    const key = pieceKey(place, piece);
    const look = (): Promise<{ readonly [Part in keyof Stored]?: Stored[Part] | undefined }> =>
      this.#reading(place, (environment) =>
        environment === undefined ? {} : { environment, data: environment.read(key) },
      );
    let { environment, data } = await look();
    if (data === undefined && environment?.isInPlace() === false) {
      this.#forget(place, environment);
      ({ environment, data } = await look());
    }
    if (environment === undefined || data === undefined) throw missingPiece(place, piece);
    return { environment, data };
  }

  async #reading<Result>(
    place: NodePlace,
    use: (environment: TableEnvironment | undefined) => Result,
  ): Promise<Result> {
    const keyspace = await this.#find(place.incarnation);
    if (keyspace === undefined) return use(undefined);
    return this.#environments.reading(nodeFolder(keyspace, place.run, place.node), use);
  }

  /** In the folder that is there now, should the one that was opened have been dropped or replaced. */
  async #writing<Result>(
    place: NodePlace,
    use: (environment: TableEnvironment) => Result,
  ): Promise<Result> {
    const inPlace = await this.#openForWriting(place, (environment) => {
      if (environment.isInPlace()) return { result: use(environment) };
      this.#forget(place, environment);
      return undefined;
    });
    return inPlace === undefined ? this.#openForWriting(place, use) : inPlace.result;
  }

  async #openForWriting<Result>(
    place: NodePlace,
    use: (environment: TableEnvironment) => Result,
  ): Promise<Result> {
    const keyspace = (await this.#find(place.incarnation)) ?? this.#unregistered(place.incarnation);
    return this.#environments.writing(nodeFolder(keyspace, place.run, place.node), use);
  }

  /** Who reads the table next is in a thread with its own store; while this one has it open, no page of it is given back. */
  #release(environment: TableEnvironment): void {
    if (environment.bytes() > LARGE) this.#environments.forget(environment);
  }

  #forget({ incarnation }: NodePlace, environment: TableEnvironment): void {
    this.#environments.forget(environment);
    this.#keyspaces.delete(incarnation);
  }

  #unregistered(incarnation: string): string {
    if (!existsSync(controlFolder(this.#folder))) {
      const keyspace = keyspaceFolder(this.#folder, { name: "unregistered", incarnation });
      mkdirSync(keyspace, { recursive: true });
      return keyspace;
    }
    throw new Fault("KEYSPACE_MISSING", `the keyspace of ${incarnation} was dropped`, {
      facts: { incarnation },
    });
  }

  async #find(incarnation: string): Promise<string | undefined> {
    const known = this.#keyspaces.get(incarnation);
    if (known !== undefined) return known;
    const entries = await readdir(this.#folder).catch(failAt(this.#folder));
    const entry = entries.find((name) => isFolderOf(name, incarnation));
    if (entry === undefined) return undefined;
    const path = join(this.#folder, entry);
    this.#keyspaces.set(incarnation, path);
    return path;
  }
}

const failAt =
  (path: string) =>
  (error: unknown): never => {
    throw storeFault(error, { path });
  };

function unlessGone(error: unknown): void {
  if (errorCode(error) !== "ENOENT") throw error;
}
