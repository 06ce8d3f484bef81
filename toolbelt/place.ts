import { resolve } from "node:path";
import type { ToolbeltSettings } from "#pkg/config";
import { Fault } from "#pkg/fault";
import { clusterStores, type StoreSettings } from "#pkg/worker";

/** Where the installation is that a command works on. */
export interface Place {
  readonly store: StoreSettings;
  /** For people. */
  readonly name: string;
  /** Runs are executed by capidaemon workers; the command starts them and watches. */
  readonly byDaemons: boolean;
}

export interface Wanted {
  /** The flag --data, "" when it is not given. */
  readonly data: string;
  /** The flag --cluster. */
  readonly cluster: boolean;
}

const DEFAULT_FOLDER = "./data";

/**
 * Decides from flags, the file of settings and the environment. --data is a folder whatever else is named; otherwise a named
 * database is the installation, whose runs only workers execute.
 */
export function placeOf(cwd: string, { data, cluster }: Wanted, settings: ToolbeltSettings): Place {
  if (data !== "") return folderPlace(resolve(cwd, data), cluster);
  if (settings.cassandra !== undefined)
    return {
      store: clusterStores(settings.cassandra),
      name: settings.cassandra.hosts.join(","),
      byDaemons: true,
    };
  if (cluster && settings.data === undefined)
    throw new Fault("CONFIG_INVALID", "--cluster needs settings that name an installation", {
      hint: "Set cassandra.hosts in capitoolbelt.json (CAPI_CASSANDRA_HOSTS), or data (CAPI_DATA) for workers on a folder.",
    });
  return folderPlace(resolve(cwd, settings.data ?? DEFAULT_FOLDER), cluster);
}

const folderPlace = (folder: string, byDaemons: boolean): Place => ({
  store: { kind: "embedded", folder },
  name: folder,
  byDaemons,
});
