import { constants } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "#pkg/fault";
import { errnoOf } from "#pkg/transfer";
import { NAME_ANOTHER, whyUnwritable } from "./why-unwritable.ts";

/** Throws TARGET_UNWRITABLE now instead of after hours of work; makes nothing. */
export async function checkReportFile(path: string): Promise<void> {
  try {
    await access(await placeToWrite(path), constants.W_OK);
  } catch (error) {
    throw reportFault(path, error);
  }
}

export async function writeReportFile(path: string, report: unknown): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw reportFault(path, error);
  }
}

/** The file itself when it is there, else its folder. */
async function placeToWrite(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isDirectory() === true)
    throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR" });
  return found === undefined ? dirname(path) : path;
}

function reportFault(path: string, error: unknown): Fault {
  return new Fault("TARGET_UNWRITABLE", `--report: cannot write ${path}: ${whyUnwritable(error)}`, {
    cause: error,
    facts: { path },
    hint: NAME_ANOTHER,
  });
}
