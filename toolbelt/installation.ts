import { mkdir, stat } from "node:fs/promises";
import {
  readSettings,
  toolbeltSettings,
  type ToolbeltSettings,
  transferSettings,
} from "#pkg/config";
import { asFault, Fault } from "#pkg/fault";
import type { OperatorPorts } from "#pkg/operator";
import { everything } from "#pkg/security";
import { openFiles } from "#pkg/transfer";
import { openStores, type StoreSettings } from "#pkg/worker";
import type { Context } from "./context.ts";
import { catalogueOf, localProcessors, type LocalProcessors } from "./local-processors.ts";
import { placeOf } from "./place.ts";

export interface Installation extends AsyncDisposable {
  /** Where it is, for people. */
  readonly name: string;
  readonly store: StoreSettings;
  readonly settings: ToolbeltSettings;
  /** Runs are executed by capidaemon workers, not by this process. */
  readonly byDaemons: boolean;
  readonly ports: OperatorPorts;
  readonly processors: LocalProcessors;
}

/**
 * Opens the installation that the flag --data ("" when it is not given), capitoolbelt.json and the environment name; the one
 * way every command gets at its stores. `create` makes a data folder when it is missing, otherwise that is STORE_UNAVAILABLE.
 */
export async function openInstallation(
  context: Context,
  dataFlag: string,
  options: { readonly create: boolean },
): Promise<Installation> {
  const settings = await settingsOf(context);
  const wanted = { data: dataFlag, cluster: context.wantsCluster };
  const { store: where, name, byDaemons } = placeOf(context.cwd, wanted, settings);
  if (where.kind === "embedded") await prepareFolder(where.folder, options.create);
  const stores = await openStores(where);
  const { store, tables } = stores;
  return {
    name,
    store: where,
    byDaemons,
    settings,
    processors: localProcessors(context, settings),
    ports: {
      store,
      tables,
      catalogue: catalogueOf(context, settings),
      files: openFiles(everything, transferSettings(context.env, settings)),
      now: context.now,
      newId: context.newId,
    },
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}

/** From capitoolbelt.json and the environment. */
export const settingsOf = async ({ programFolder, cwd, env }: Context): Promise<ToolbeltSettings> =>
  toolbeltSettings(
    await readSettings("capitoolbelt", { folders: [programFolder, cwd], environment: env }),
  );

async function prepareFolder(folder: string, create: boolean): Promise<void> {
  try {
    if (create) await mkdir(folder, { recursive: true });
    else await stat(folder);
  } catch (error) {
    throw new Fault(
      "STORE_UNAVAILABLE",
      `the data folder ${folder} cannot be used: ${asFault(error).message}`,
      {
        cause: error,
        facts: { folder },
        ...(create
          ? {}
          : { hint: "Name the right folder with --data, or start a run to create it." }),
      },
    );
  }
}
