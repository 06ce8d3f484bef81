import { transferSettings } from "#pkg/config";
import type { OperatorPorts } from "#pkg/operator";
import { everything } from "#pkg/security";
import { openFiles } from "#pkg/transfer";
import type { Context } from "./context.ts";
import { catalogueOf } from "./local-processors.ts";
import { settingsOf } from "./installation.ts";

/** Files and processors, for commands that read a script and need no store. */
export async function readingFor(
  context: Context,
): Promise<Required<Pick<OperatorPorts, "files" | "catalogue">>> {
  const settings = await settingsOf(context);
  const files = openFiles(everything, transferSettings(context.env, settings));
  return { files, catalogue: catalogueOf(context, settings) };
}
