import type { Readable } from "node:stream";
import type { FileFacts } from "../port.ts";
import type { ByteStreams } from "../range-file.ts";
import { answered, type SftpConnection } from "./sftp-connection.ts";
import { sftpFault } from "./sftp-faults.ts";

/** Requests of this size are under way together. */
const CHUNK_BYTES = 256 * 1024;
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
        const { session, path, url } = await current();
        const stream = session.createReadStream(path, {
          start: from,
          end: Math.min(end ?? facts.size, facts.size) - 1,
          highWaterMark: CHUNK_BYTES,
        });
        quiet(stream);
        return translated(url, stream, () => (isBroken = true));
      },
      currentFacts: async () => factsOf(await current()),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Closing a connection fails the request that closes the file behind a stream; whoever reads learns of failures that matter. */
export const quiet = (stream: Readable): void => void stream.on("error", () => undefined);

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
