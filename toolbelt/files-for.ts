import { transferSettings } from "#pkg/config";
import { everything } from "#pkg/security";
import { openFiles, type Files } from "#pkg/transfer";
import type { Context } from "./context.ts";
import { settingsOf } from "./installation.ts";

/** Files as this person reaches them, for commands that need no store. */
export const filesFor = async (context: Context): Promise<Files> =>
  openFiles(everything, transferSettings(context.env, await settingsOf(context)));
