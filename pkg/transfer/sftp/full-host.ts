import { posix } from "node:path";
import { Fault } from "#pkg/fault";
import { answered, type SftpConnection } from "./sftp-connection.ts";
import { FAILURE, sftpFault } from "./sftp-faults.ts";

/** Less than one request of a writer. */
const FULL_BYTES = 256 * 1024;

/** How OpenSSH describes a file system; the client's types leave it open. */
interface FileSystem {
  readonly f_bavail: number | bigint;
  readonly f_frsize: number | bigint;
}

async function freeBytes(connection: SftpConnection): Promise<number> {
  const found = await answered<FileSystem>(connection, (done) =>
    // Throws where the host does not know the extension.
    connection.session.ext_openssh_statvfs(posix.dirname(connection.path), done),
  );
  return Number(found.f_bavail) * Number(found.f_frsize);
}

/** A failure of writing. The protocol has no word for a full disk: OpenSSH says "Failure", so the host is asked what is left. */
export async function writeFault(connection: SftpConnection, error: unknown): Promise<Fault> {
  const { url } = connection;
  const fault = sftpFault(url, "write", error);
  if ((error as { code?: unknown }).code !== FAILURE || fault.code === "TARGET_FULL") return fault;
  const free = await freeBytes(connection).catch(() => Number.POSITIVE_INFINITY);
  if (free >= FULL_BYTES) return fault;
  return new Fault("TARGET_FULL", `cannot write ${url}: no space is left on the host`, {
    facts: { url, free },
    cause: error,
  });
}
