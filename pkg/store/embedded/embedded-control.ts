import { Fault } from "#pkg/fault";
import type { ControlStore } from "../control.ts";
import { controlActiveRuns } from "./control-active-runs.ts";
import { controlDocuments } from "./control-documents.ts";
import { ControlEnvironment, type ControlTransaction } from "./control-environment.ts";
import { controlInstallation } from "./control-installation.ts";
import { controlKeyspaces } from "./control-keyspaces.ts";
import { keys } from "./control-keys.ts";
import { controlNodes, controlRuns } from "./control-runs.ts";
import { controlUnits } from "./control-units.ts";
import { bootId, checkDataFolder, controlFolder, FORMAT, markComplete } from "./data-folder.ts";
import { forgetUnfinishedNodes } from "./power-failure.ts";
import { storeFault } from "./store-faults.ts";

export interface EmbeddedControlOptions {
  readonly folder: string;
  /** Only looks: needs no right to write, changes nothing, and every method that writes is refused. */
  readonly readOnly?: boolean;
  /** Milliseconds; stamps the event that tells of a power failure. */
  readonly now?: () => number;
  /** Which run of the operating system this is; for tests. */
  readonly boot?: string;
}

/**
 * The control store in the folder `control` of a data folder. Any number of processes and threads may open the same folder.
 * A decision is on disk when its promise resolves. The first opening after another boot gives the unfinished nodes of running
 * runs back (their table data may be torn, design 7): their units are pending again when this resolves.
 */
export async function openEmbeddedControl(options: EmbeddedControlOptions): Promise<ControlStore> {
  const { folder, readOnly = false, now = Date.now, boot = bootId() } = options;
  await checkDataFolder(folder, readOnly);
  const environment = new ControlEnvironment(controlFolder(folder), readOnly);
  try {
    if (!readOnly) {
      environment.writeNow((transaction) => enter(transaction, boot, now));
      await markComplete(folder);
    }
  } catch (error) {
    await environment.close();
    throw storeFault(error, { path: folder });
  }
  return {
    ...controlKeyspaces(environment, folder),
    ...controlDocuments(environment),
    ...controlRuns(environment),
    ...controlActiveRuns(environment),
    ...controlNodes(environment),
    ...controlUnits(environment),
    ...controlInstallation(environment),
    [Symbol.asyncDispose]: () => environment.close(),
  };
}

function enter(transaction: ControlTransaction, boot: string, now: () => number): void {
  const header = transaction.get(keys.header);
  if (header?.format === FORMAT && header.boot === boot) return;
  if (header !== undefined && header.format > FORMAT) {
    throw new Fault("STORE_VERSION", `the control store has format ${header.format}`, {
      facts: { format: header.format, known: FORMAT },
    });
  }
  if (header !== undefined && header.boot !== boot) forgetUnfinishedNodes(transaction, now());
  transaction.put(keys.header, { format: FORMAT, boot });
}
