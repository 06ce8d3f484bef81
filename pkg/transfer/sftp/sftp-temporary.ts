import { createHash } from "node:crypto";
import type { OutputFile, TemporaryFile } from "../port.ts";
import { temporaryPath } from "../temporary-name.ts";
import { writeFault } from "./full-host.ts";
import { answered, type SftpConnection } from "./sftp-connection.ts";
import { sftpFault } from "./sftp-faults.ts";

/** Below what OpenSSH takes in one request. */
const CHUNK_BYTES = 128 * 1024;
/** Requests on their way together. */
const IN_FLIGHT = 16;

/** A file beside its target on the host. Memory: the requests on their way, 2 MB. */
export class SftpTemporary implements TemporaryFile {
  readonly #url: string;
  readonly #token: string;
  readonly #connection: SftpConnection;
  readonly #handle: Buffer;
  readonly #hash = createHash("sha256");
  readonly #pending = new Set<Promise<void>>();
  #size = 0;
  #failure: unknown;

  /** Rejects when the host does not let the file be created. */
  static async create(
    connection: SftpConnection,
    url: string,
    token: string,
  ): Promise<SftpTemporary> {
    const path = temporaryPath(connection.path, token);
    const handle = await answered<Buffer>(connection, (done) =>
      connection.session.open(path, "wx", done),
    );
    return new SftpTemporary(connection, { url, token }, handle);
  }

  private constructor(
    connection: SftpConnection,
    { url, token }: Pick<OutputFile, "url" | "token">,
    handle: Buffer,
  ) {
    this.#url = url;
    this.#token = token;
    this.#connection = connection;
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
      while (this.#pending.size >= IN_FLIGHT) await Promise.race(this.#pending);
      await this.#check();
      // The caller may use its memory again.
      this.#send(Buffer.from(bytes.subarray(from, from + CHUNK_BYTES)));
    }
  }

  async finish(): Promise<OutputFile> {
    await Promise.all(this.#pending);
    await this.#check();
    await this.#closeHandle().catch((error: unknown) => (this.#failure ??= error));
    await this.#check();
    await this.#connection.close();
    const sha256 = this.#hash.digest("hex");
    return { url: this.#url, token: this.#token, size: this.#size, sha256 };
  }

  async abandon(): Promise<void> {
    await Promise.all(this.#pending);
    // Closed already, or the host is gone; then so is the handle.
    await this.#closeHandle().catch(() => undefined);
    try {
      await removeIfThere(this.#connection, temporaryPath(this.#connection.path, this.#token));
    } finally {
      await this.#connection.close();
    }
  }

  /** A failure surfaces with the next write or at the end. */
  #send(part: Buffer): void {
    const { session } = this.#connection;
    const position = this.#size;
    this.#size += part.length;
    const sent = answered<void>(this.#connection, (done) =>
      session.write(this.#handle, part, 0, part.length, position, done),
    )
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#pending.delete(sent));
    this.#pending.add(sent);
  }

  #closeHandle(): Promise<void> {
    return answered<void>(this.#connection, (done) =>
      this.#connection.session.close(this.#handle, done),
    );
  }

  async #check(): Promise<void> {
    if (this.#failure !== undefined) throw await writeFault(this.#connection, this.#failure);
  }
}

export async function removeIfThere({ client, url }: SftpConnection, path: string): Promise<void> {
  try {
    await client.delete(path, true);
  } catch (error) {
    throw sftpFault(url, "write", error);
  }
}
