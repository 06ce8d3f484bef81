import type { FileFacts } from "../port.ts";
import type { ByteStreams } from "../range-file.ts";
import { answered, type SftpConnection } from "./sftp-connection.ts";
import { sftpFault } from "./sftp-faults.ts";

/** Below what OpenSSH sends in one answer. */
const CHUNK_BYTES = 128 * 1024;
/** Requests on their way together. */
const IN_FLIGHT = 8;
const MS = 1000;

interface Attributes {
  readonly size: number;
  readonly mtime: number;
  isDirectory(): boolean;
}

export const statOf = (connection: SftpConnection): Promise<Attributes> =>
  answered<Attributes>(connection, (done) => connection.session.stat(connection.path, done));

async function factsOf(connection: SftpConnection): Promise<FileFacts> {
  try {
    const stats = await statOf(connection);
    if (stats.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: 0 });
    return { size: stats.size, version: String(stats.mtime * MS) };
  } catch (error) {
    throw sftpFault(connection.url, "read", error);
  }
}

/** One version of a file; a connection that broke is opened anew by the next stream. */
export async function openSftpStreams(
  connect: () => Promise<SftpConnection>,
): Promise<ByteStreams> {
  let connection = await connect();
  let isBroken = false;
  const current = async (): Promise<SftpConnection> => {
    if (isBroken) {
      await connection.close().catch(() => undefined);
      connection = await connect();
      isBroken = false;
    }
    return connection;
  };
  try {
    const facts = await factsOf(connection);
    return {
      url: connection.url,
      facts,
      hasRanges: true,
      stream: async (from, end) => {
        const at = await current();
        const stream = readAhead(at, from, Math.min(end ?? facts.size, facts.size));
        return translated(at.url, stream, () => (isBroken = true));
      },
      currentFacts: async () => factsOf(await current()),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Bytes of the file in order, with some requests always on their way. */
export async function* readAhead(
  connection: SftpConnection,
  from: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const { session, path } = connection;
  const handle = await answered<Buffer>(connection, (done) => session.open(path, "r", done));
  const ahead: Promise<Uint8Array>[] = [];
  let position = from;
  const ask = (): void => {
    if (position >= end) return;
    const part = readPart(connection, handle, position, Math.min(CHUNK_BYTES, end - position));
    // Whoever comes to it learns of its failure.
    part.catch(() => undefined);
    ahead.push(part);
    position += CHUNK_BYTES;
  };
  try {
    for (let requests = 0; requests < IN_FLIGHT; requests++) ask();
    for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
      const bytes = await part;
      ask();
      yield bytes;
    }
  } finally {
    // The connection may be gone, and the handle with it.
    await answered<void>(connection, (done) => session.close(handle, done)).catch(() => undefined);
  }
}

/** As much of a part as the file has. */
async function readPart(
  connection: SftpConnection,
  handle: Buffer,
  position: number,
  size: number,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const offset = filled;
    const read = await answered<number>(connection, (done) =>
      connection.session.read(handle, bytes, offset, size - offset, position + offset, done),
    );
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

async function* translated(
  url: string,
  stream: AsyncIterable<Uint8Array>,
  broke: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    broke();
    throw sftpFault(url, "read", error);
  }
}
