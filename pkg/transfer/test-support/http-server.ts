import { createReadStream, statSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Method, path and range of every request so far. */
  readonly requests: string[];
}

/** A server on the loopback address that answers as the listener says. */
export async function serve(
  listener: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<TestServer> {
  const requests: string[] = [];
  const handle: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? ""}`.trim());
    listener(request, response, requests.length);
  };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers for content with ranges, as a static file server does. */
export function sendPart(
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array,
  etag = '"v1"',
): void {
  const end = (from: number, to: number): unknown => response.end(content.subarray(from, to));
  answerRange(request, response, { size: content.length, etag, end });
}

/** The same for a file, however large. */
export function sendFile(request: IncomingMessage, response: ServerResponse, path: string): void {
  const { size, mtimeMs } = statSync(path);
  const end = (start: number, to: number): unknown =>
    pipeline(createReadStream(path, { start, end: to - 1 }), response, () => undefined);
  answerRange(request, response, { size, etag: `"${mtimeMs}"`, end });
}

interface Content {
  readonly size: number;
  readonly etag: string;
  /** Ends the answer with these bytes. */
  readonly end: (from: number, to: number) => unknown;
}

function answerRange(
  request: IncomingMessage,
  response: ServerResponse,
  { size, etag, end }: Content,
): void {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  response.setHeader("etag", etag);
  if (match === null) {
    response.writeHead(200, { "content-length": size });
    end(0, size);
    return;
  }
  const from = Number(match[1]);
  const last = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (from >= size) {
    response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, {
    "content-range": `bytes ${from}-${last}/${size}`,
    "content-length": last - from + 1,
  });
  end(from, last + 1);
}
