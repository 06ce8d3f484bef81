import { createHash } from "node:crypto";
import { promises as fs } from "node:fs";
import { dirname } from "node:path";
import { isMissing, writeFault } from "./errno.ts";
import { makeFolder } from "./make-folder.ts";
import type { OutputFile, TemporaryFile } from "./port.ts";
import { syncFolder } from "./sync-folder.ts";
import { temporaryPath } from "./temporary-name.ts";

const BUFFER_BYTES = 1024 * 1024;

export async function removeIfThere(path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function writeAll(handle: fs.FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
  }
}

/** A file being written; hashes what passes and gathers small pieces. */
class LocalTemporaryFile implements TemporaryFile {
  readonly #url: string;
  readonly #token: string;
  readonly #path: string;
  readonly #handle: fs.FileHandle;
  readonly #hash = createHash("sha256");
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #size = 0;
  #open = true;

  constructor(place: { url: string; token: string; path: string }, handle: fs.FileHandle) {
    this.#url = place.url;
    this.#token = place.token;
    this.#path = place.path;
    this.#handle = handle;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#translated(async () => {
      this.#hash.update(bytes);
      this.#size += bytes.length;
      if (this.#buffered + bytes.length > BUFFER_BYTES) await this.#flush();
      if (bytes.length > BUFFER_BYTES) {
        await writeAll(this.#handle, bytes);
      } else {
        this.#buffer.set(bytes, this.#buffered);
        this.#buffered += bytes.length;
      }
    });
  }

  finish(): Promise<OutputFile> {
    return this.#translated(async () => {
      await this.#flush();
      await this.#handle.sync();
      await this.#close();
      await syncFolder(dirname(this.#path));
      return {
        url: this.#url,
        token: this.#token,
        size: this.#size,
        sha256: this.#hash.digest("hex"),
      };
    });
  }

  abandon(): Promise<void> {
    return this.#translated(async () => {
      await this.#close();
      await removeIfThere(this.#path);
    });
  }

  async #flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    await writeAll(this.#handle, bytes);
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw writeFault(this.#url, error);
    }
  }
}

/** Creates the folder of the target and, in it, the temporary file of the token, which must not exist yet. */
export async function createTemporaryFile(
  url: string,
  target: string,
  token: string,
): Promise<TemporaryFile> {
  const created = await makeFolder(dirname(target));
  if (created !== undefined) await syncFolder(dirname(created));
  const path = temporaryPath(target, token);
  return new LocalTemporaryFile({ url, token, path }, await fs.open(path, "wx"));
}
