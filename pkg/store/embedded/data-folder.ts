import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import { errorCode, storeFault } from "./store-faults.ts";

/** Raised when an older build could not read what this one writes. */
export const FORMAT = 1;

export const controlFolder = (folder: string): string => join(folder, "control");
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
    if (format === undefined) await startFolder(folder, readOnly);
    else checkContent(folder, format);
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

/** The file appears complete or not at all, whoever else starts the same folder now. */
async function startFolder(folder: string, readOnly: boolean): Promise<void> {
  if (existsSync(join(controlFolder(folder), "data.mdb"))) {
    throw new Fault("STORE_DAMAGED", `the data folder has lost its version file: ${folder}`, {
      facts: { path: folder },
    });
  }
  if (readOnly) {
    throw new Fault("STORE_UNAVAILABLE", `there is no data folder yet: ${folder}`, {
      facts: { path: folder },
    });
  }
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
  if (format > FORMAT) {
    throw new Fault("STORE_VERSION", `the data folder has format ${format}: ${folder}`, {
      facts: { path: folder, format, known: FORMAT },
    });
  }
  const size = statSync(join(controlFolder(folder), "data.mdb"), { throwIfNoEntry: false })?.size;
  if (size === 0) {
    throw new Fault("STORE_DAMAGED", `the control store is empty: ${folder}`, {
      facts: { path: folder },
    });
  }
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
