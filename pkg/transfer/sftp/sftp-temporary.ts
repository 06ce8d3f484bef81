import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { OutputFile, TemporaryFile } from "../port.ts";
import { temporaryPath } from "../temporary-name.ts";
import type { SftpConnection } from "./sftp-connection.ts";
import { sftpFault } from "./sftp-faults.ts";

const CHUNK_BYTES = 256 * 1024;

/** A file beside its target on the host. Memory: what is on its way. */
export class SftpTemporary implements TemporaryFile {
  readonly #url: string;
  readonly #token: string;
  readonly #connection: SftpConnection;
  readonly #stream: Writable;
  readonly #hash = createHash("sha256");
  #size = 0;
  #failure: unknown;

  /** Rejects when the host does not let the file be created. */
  static async create(
    connection: SftpConnection,
    url: string,
    token: string,
  ): Promise<SftpTemporary> {
    const file = new SftpTemporary(connection, url, token);
    await file.#ended("open");
    return file;
  }

  private constructor(connection: SftpConnection, url: string, token: string) {
    this.#url = url;
    this.#token = token;
    this.#connection = connection;
    this.#stream = connection.session.createWriteStream(temporaryPath(connection.path, token), {
      flags: "wx",
    });
    this.#stream.on("error", (error: unknown) => (this.#failure ??= error));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      this.#check();
      // The caller may use its memory again.
      const part = Buffer.from(bytes.subarray(from, from + CHUNK_BYTES));
      if (!this.#stream.write(part)) await this.#drained();
    }
    this.#check();
  }

  async finish(): Promise<OutputFile> {
    this.#check();
    this.#stream.end();
    await this.#ended("close");
    await this.#connection.close();
    const sha256 = this.#hash.digest("hex");
    return { url: this.#url, token: this.#token, size: this.#size, sha256 };
  }

  async abandon(): Promise<void> {
    this.#stream.destroy();
    await removeIfThere(this.#connection, temporaryPath(this.#connection.path, this.#token));
    await this.#connection.close();
  }

  #drained(): Promise<void> {
    return this.#ended("drain");
  }

  async #ended(event: "open" | "drain" | "close"): Promise<void> {
    if (this.#failure === undefined && !this.#stream.closed)
      await once(this.#stream, event).catch((error: unknown) => (this.#failure ??= error));
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw sftpFault(this.#connection.url, "write", this.#failure);
  }
}

export async function removeIfThere({ client, url }: SftpConnection, path: string): Promise<void> {
  try {
    await client.delete(path, true);
  } catch (error) {
    throw sftpFault(url, "write", error);
  }
}
