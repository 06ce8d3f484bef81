import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { resolve } from "node:path";
import { checkScript, type CheckRequest } from "./check-script.ts";
import { onlyFault } from "#pkg/fault";
import type { Context } from "./context.ts";
import { exitCodeOf } from "./exit-code.ts";
import { showFault } from "./show-fault.ts";

const LOOK_MS = 200;

/**
 * Checks now and after every change of the script or its parameters, until it is interrupted; resolves with the exit code of
 * the last check. Looks at the files themselves: editors replace them, and not every file system tells about changes.
 */
export async function watchScript(
  context: Context,
  request: CheckRequest,
  style: { readonly json: boolean; readonly strict: boolean },
): Promise<number> {
  const ended = new AbortController();
  const stopListening = context.onInterrupt(() => ended.abort());
  const files = [request.scriptUrl, request.parametersUrl].filter((url) => url !== "");
  try {
    for (;;) {
      const seen = await versions(context, files);
      const code = await checkOnce(context, request, style);
      if (!style.json) context.err(`watching ${files.join(" and ")}; Ctrl-C ends\n`);
      if (!(await changed(context, { files, seen }, ended.signal))) return code;
    }
  } finally {
    stopListening();
  }
}

/** A file that cannot be read right now is shown and waited for. */
async function checkOnce(
  context: Context,
  request: CheckRequest,
  style: { readonly json: boolean; readonly strict: boolean },
): Promise<number> {
  try {
    return await checkScript(context, request, style);
  } catch (error) {
    const fault = onlyFault(error);
    showFault(context, fault, { verbose: false, json: style.json });
    return exitCodeOf(fault.code);
  }
}

/** False: interrupted. */
async function changed(
  context: Context,
  { files, seen }: { readonly files: readonly string[]; readonly seen: string },
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    if ((await versions(context, files)) !== seen) return true;
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined); // ends early when interrupted
  }
  return false;
}

async function versions(context: Context, files: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const file of files) {
    const found = await stat(resolve(context.cwd, file)).catch(() => undefined); // gone for a moment, or not there yet
    texts.push(found === undefined ? "missing" : `${found.mtimeMs} ${found.size} ${found.ino}`);
  }
  return texts.join("\n");
}
