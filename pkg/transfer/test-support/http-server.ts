import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

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
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  response.setHeader("etag", etag);
  if (match === null) {
    response.writeHead(200, { "content-length": content.length }).end(content);
    return;
  }
  const from = Number(match[1]);
  const last =
    match[2] === "" ? content.length - 1 : Math.min(Number(match[2]), content.length - 1);
  if (from >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  response
    .writeHead(206, {
      "content-range": `bytes ${from}-${last}/${content.length}`,
      "content-length": last - from + 1,
    })
    .end(content.subarray(from, last + 1));
}
