import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import {
  readSettings,
  toolbeltSettings,
  type ToolbeltSettings,
  transferSettings,
} from "#pkg/config";
import { Fault, isFault } from "#pkg/fault";
import type { OperatorPorts } from "#pkg/operator";
import { everything } from "#pkg/security";
import { makeFolder, openFiles, reasonOf } from "#pkg/transfer";
import { openStores, type EngineThreads, type OpenStores, type StoreSettings } from "#pkg/worker";
import type { Context } from "./context.ts";
import { openEngine, type EngineSize } from "./engine.ts";
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
  /** Of a cluster. */
  readonly leftovers?: NonNullable<OpenStores["leftovers"]>;
  readonly processors: LocalProcessors;
  /** Threads that execute units here, when they were asked for and no workers do it. */
  readonly engine: EngineThreads | undefined;
}

export interface OpenOptions {
  /** Makes a data folder when it is missing, otherwise that is STORE_UNAVAILABLE. */
  readonly create: boolean;
  /** Units will be executed here: threads begin to load before anything is opened, which takes them as long as the rest. */
  readonly engine?: EngineSize;
}

/**
 * Opens the installation that the flag --data ("" when it is not given), capitoolbelt.json and the environment name; the one
 * way every command gets at its stores.
 */
export async function openInstallation(
  context: Context,
  dataFlag: string,
  options: OpenOptions,
): Promise<Installation> {
  const settings = await settingsOf(context);
  const wanted = { data: dataFlag, cluster: context.wantsCluster };
  const { store: where, name, byDaemons } = placeOf(context.cwd, wanted, settings);
  const processors = localProcessors(context, settings);
  const transfer = transferSettings(context.env, settings);
  const engine =
    options.engine === undefined || byDaemons
      ? undefined
      : openEngine(options.engine, { store: where, transfer, processors: processors.settings });
  const stores = await openPlace(where, options.create).catch(async (error: unknown) => {
    await engine?.[Symbol.asyncDispose]();
    throw error;
  });
  const { store, tables, leftovers } = stores;
  return {
    name,
    store: where,
    byDaemons,
    settings,
    ...(leftovers === undefined ? {} : { leftovers }),
    processors,
    engine,
    ports: {
      store,
      tables,
      catalogue: catalogueOf(context, settings),
      files: openFiles(everything, transfer),
      now: context.now,
      newId: context.newId,
    },
    async [Symbol.asyncDispose]() {
      await engine?.[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
    },
  };
}

async function openPlace(where: StoreSettings, create: boolean): Promise<OpenStores> {
  if (where.kind === "embedded") await prepareFolder(where.folder, create);
  return openStores(where);
}

/** From capitoolbelt.json and the environment. */
export const settingsOf = async ({ programFolder, cwd, env }: Context): Promise<ToolbeltSettings> =>
  toolbeltSettings(
    await readSettings("capitoolbelt", { folders: [programFolder, cwd], environment: env }),
  );

/** A folder that may be read and written; what is wrong with it is told here, where its name is known. */
async function prepareFolder(folder: string, create: boolean): Promise<void> {
  const refused = (why: string, cause?: unknown): Fault =>
    new Fault("STORE_UNAVAILABLE", `the data folder ${folder} cannot be used: ${why}`, {
      cause,
      facts: { folder },
      ...(create
        ? {}
        : { hint: "Name the right folder with --data, or start a run to create it." }),
    });
  try {
    if (create && !(await isThere(folder))) await makeFolder(folder);
    if (!(await stat(folder)).isDirectory()) throw refused("it is a file");
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw isFault(error) ? error : refused(reasonOf(error), error);
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
