import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NodePlace } from "../tables.ts";
import { fileName } from "./file-name.ts";
import { Gate, GATE } from "./gate.ts";
import { isFolderOf, keyspaceFolder, nodeFolder } from "./keyspace-folder.ts";
import { storeFault } from "./store-faults.ts";
import { TableEnvironment } from "./table-environment.ts";

/** What the control store knows: incarnation → run → nodes that may have a table. */
export type KnownTables = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>;

export interface Leftover {
  /** `trash`: a drop that was interrupted; `lost`: set aside after a power failure; `orphan`: of no run that exists. */
  readonly kind: "trash" | "lost" | "orphan";
  readonly path: string;
}

/** Looks into a data folder beside the stores, for `doctor`. */
export interface FolderLeftovers {
  /** Everything that belongs to nothing that is known. `known` is asked after the folder was listed, so that what begins meanwhile is known. */
  list(known: () => Promise<KnownTables>): Promise<readonly Leftover[]>;
  remove(leftover: Leftover): Promise<void>;
  /** Tokens of the attempts whose data the table of a node holds; none when there is no table. */
  tokens(keyspace: string, node: NodePlace): Promise<ReadonlySet<string>>;
}

export function openFolderLeftovers(folder: string): FolderLeftovers {
  return {
    async list(known) {
      try {
        const entries = await entriesOf(folder);
        const tables = await known();
        return entries.flatMap((entry) => leftoverOf(folder, entry, tables) ?? []);
      } catch (error) {
        throw storeFault(error, { path: folder });
      }
    },
    async remove({ path }) {
      await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
        throw storeFault(error, { path });
      });
    },
    async tokens(name, { incarnation, run, node }) {
      const keyspace = keyspaceFolder(folder, { name, incarnation });
      const path = nodeFolder(keyspace, run, node);
      if (!existsSync(join(path, "data.mdb"))) return new Set();
      const environment = new TableEnvironment(path, true, Gate.at(keyspace, true));
      try {
        return environment.tokens();
      } finally {
        await environment.close();
      }
    },
  };
}

interface Entry {
  readonly keyspace: string;
  readonly run?: string;
  readonly node?: string;
}

/** Folders of keyspaces, of their runs, and of the nodes of those. */
async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const keyspace of await foldersIn(folder)) {
    if (keyspace === "control") continue;
    entries.push({ keyspace });
    if (keyspace.startsWith(".")) continue;
    for (const run of await foldersIn(join(folder, keyspace))) {
      if (run === GATE) continue;
      entries.push({ keyspace, run });
      for (const node of await foldersIn(join(folder, keyspace, run)))
        entries.push({ keyspace, run, node });
    }
  }
  return entries;
}

const foldersIn = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Of something that is left over as a whole only the outermost folder is named. */
function leftoverOf(folder: string, entry: Entry, known: KnownTables): Leftover | undefined {
  const { keyspace, run, node } = entry;
  const kind = kindOf(entry, known);
  return kind === undefined
    ? undefined
    : { kind, path: join(folder, keyspace, run ?? "", node ?? "") };
}

function kindOf({ keyspace, run, node }: Entry, known: KnownTables): Leftover["kind"] | undefined {
  if (keyspace.startsWith(".trash-")) return "trash";
  const incarnation = [...known.keys()].find((one) => isFolderOf(keyspace, one));
  const runs = incarnation === undefined ? undefined : known.get(incarnation);
  if (run === undefined)
    return runs === undefined && /^[^.].*\./.test(keyspace) ? "orphan" : undefined;
  const nodes = runs?.get(Number(/^run-(\d+)$/.exec(run)?.[1]));
  if (node === undefined) return runs !== undefined && nodes === undefined ? "orphan" : undefined;
  return nodes === undefined ? undefined : kindOfNode(node, nodes);
}

function kindOfNode(folder: string, nodes: ReadonlySet<string>): Leftover["kind"] | undefined {
  if (folder.startsWith(".lost-")) return "lost";
  return [...nodes].some((name) => fileName(name) === folder) ? undefined : "orphan";
}
