import { mkdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { asFault, Fault } from "#pkg/fault";
import type { OperatorPorts } from "#pkg/operator";
import { everything } from "#pkg/security";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { openFiles } from "#pkg/transfer";
import type { Context } from "./context.ts";

export interface Installation extends AsyncDisposable {
  readonly folder: string;
  readonly ports: OperatorPorts;
}

/** Opens the data folder; `create` makes it when it is missing, otherwise that is STORE_UNAVAILABLE. */
export async function openInstallation(
  context: Context,
  path: string,
  options: { readonly create: boolean },
): Promise<Installation> {
  const folder = resolve(context.cwd, path);
  await prepareFolder(folder, options.create);
  const store = await openEmbeddedControl({ folder });
  const tables = await openEmbeddedTables({ folder });
  return {
    folder,
    ports: { store, tables, files: openFiles(everything), now: context.now, newId: context.newId },
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

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
