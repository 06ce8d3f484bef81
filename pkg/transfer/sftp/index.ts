import { createHash } from "node:crypto";
import { posix } from "node:path";
import { Fault } from "#pkg/fault";
import type { AccessPolicy } from "#pkg/security";
import type { Files, OutputFile } from "../port.ts";
import { readingFiles } from "../remote-files.ts";
import type { TransferSettings } from "../settings.ts";
import { temporaryPath, tokenIn } from "../temporary-name.ts";
import { writeFault } from "./full-host.ts";
import { sftpAddress } from "./sftp-address.ts";
import { openConnection, type SftpConnection } from "./sftp-connection.ts";
import { openSftpStreams, readAhead, statOf } from "./sftp-streams.ts";
import { removeIfThere, SftpTemporary } from "./sftp-temporary.ts";

/** Files on hosts that speak SFTP. */
export function openSftpFiles(policy: AccessPolicy, settings: TransferSettings): Files {
  const connect = (url: string, purpose: "read" | "write"): Promise<SftpConnection> =>
    openConnection(policy, settings, url, purpose);
  const writing = async <T>(url: string, work: (at: SftpConnection) => Promise<T>): Promise<T> => {
    const connection = await connect(url, "write");
    try {
      return await work(connection);
    } catch (error) {
      throw await writeFault(connection, error);
    } finally {
      await connection.close();
    }
  };
  return {
    ...readingFiles((url) => openSftpStreams(() => connect(url, "read")), settings),
    list: (pattern) => Promise.resolve([pattern]),
    createTemporary: (url, token) => createTemporary(connect, url, token),
    publish: (output) => writing(output.url, (at) => publish(at, output)),
    discard: ({ url, token }) =>
      writing(url, (at) => removeIfThere(at, temporaryPath(at.path, token))),
    resolve: (url) => {
      const { user, host, port, path } = sftpAddress(url);
      return Promise.resolve(`sftp://${user}@${host}:${port}${posix.normalize(path)}`);
    },
    sweepTemporaries: (url, isDead) => writing(url, (at) => sweep(at, isDead)),
  };
}

async function createTemporary(
  connect: (url: string, purpose: "write") => Promise<SftpConnection>,
  url: string,
  token: string,
): Promise<SftpTemporary> {
  const connection = await connect(url, "write");
  const { client, path } = connection;
  try {
    const folder = posix.dirname(path);
    if ((await client.exists(folder)) === false) await client.mkdir(folder, true);
    if ((await client.exists(path)) === "d")
      throw new Fault("TARGET_UNWRITABLE", `cannot write ${connection.url}: it is a folder`, {
        facts: { url: connection.url },
      });
    return await SftpTemporary.create(connection, url, token);
  } catch (error) {
    const fault = await writeFault(connection, error);
    await connection.close();
    throw fault;
  }
}

const sizeOf = async (at: SftpConnection, path: string): Promise<number | undefined> =>
  (await at.client.exists(path)) === false ? undefined : (await statOf({ ...at, path })).size;

async function sha256Of(connection: SftpConnection, size: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of readAhead(connection, 0, size)) hash.update(bytes);
  return hash.digest("hex");
}

/** A rename that replaces the target in one step, where the host knows it (every OpenSSH does). */
async function publish(at: SftpConnection, output: OutputFile): Promise<"published" | "lost"> {
  const temporary = temporaryPath(at.path, output.token);
  const size = await sizeOf(at, temporary);
  if (size === output.size) {
    await at.client.posixRename(temporary, at.path);
    return "published";
  }
  if (size !== undefined) await removeIfThere(at, temporary);
  const isSame =
    (await sizeOf(at, at.path)) === output.size &&
    (await sha256Of(at, output.size)) === output.sha256;
  return isSame ? "published" : "lost";
}

async function sweep(at: SftpConnection, isDead: (token: string) => boolean): Promise<void> {
  const folder = posix.dirname(at.path);
  if ((await at.client.exists(folder)) === false) return;
  for (const { name } of await at.client.list(folder)) {
    const token = tokenIn(at.path, name);
    if (token !== undefined && isDead(token)) await removeIfThere(at, posix.join(folder, name));
  }
}
