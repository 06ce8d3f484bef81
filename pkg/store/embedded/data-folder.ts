import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import { errorCode, storeFault } from "./store-faults.ts";

/** Raised when an older build could not read what this one writes. */
export const FORMAT = 1;

export const controlFolder = (folder: string): string => join(folder, "control");
export const controlFile = (folder: string): string => join(controlFolder(folder), "data.mdb");
const versionFile = (folder: string): string => join(folder, "version");

/**
 * Makes sure that this build may use the data folder, creating it when it is absent and may be created. Throws STORE_VERSION
 * when a newer build wrote it, STORE_UNAVAILABLE when it cannot be read or written, STORE_DAMAGED when its control store is
 * gone. Changes nothing in a folder that it refuses.
 */
export async function checkDataFolder(folder: string, readOnly = false): Promise<void> {
  try {
    if (!readOnly) mkdirSync(folder, { recursive: true });
    accessSync(folder, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
    const format = await readFormat(folder);
    if (format !== undefined) checkContent(folder, format);
  } catch (error) {
    throw storeFault(error, { path: folder });
  }
}

async function readFormat(folder: string): Promise<number | undefined> {
  const file = versionFile(folder);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,8}\n$/.test(text)) return Number(text);
  throw new Fault("STORE_DAMAGED", `the version file does not hold a number: ${file}`, {
    facts: { path: file },
  });
}

/**
 * Written when the control store is complete, so from then on an absent control store is a lost one. The file appears
 * complete or not at all, whoever else finishes the same folder now.
 */
export async function markComplete(folder: string): Promise<void> {
  if (existsSync(versionFile(folder))) return;
  const temporary = `${versionFile(folder)}.${randomUUID()}`;
  await writeFile(temporary, `${FORMAT}\n`, { flush: true });
  try {
    await link(temporary, versionFile(folder));
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

function checkContent(folder: string, format: number): void {
  const facts = { path: folder, format, known: FORMAT };
  if (format > FORMAT) {
    throw new Fault(
      "STORE_VERSION",
      `a newer version wrote the data folder: it has format ${format}, this version knows formats up to ${FORMAT}: ${folder}`,
      { facts },
    );
  }
  const file = controlFile(folder);
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  throw new Fault("STORE_DAMAGED", `the control store is gone: ${folder}`, { facts });
}

/**
 * What tells one run of the operating system from the next; "" where the system does not say, and then a power failure is
 * not noticed.
 */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw storeFault(error, { path: "/proc/sys/kernel/random/boot_id" });
  }
}
