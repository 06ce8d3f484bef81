// node byte-server.mjs <megabytes>: a web server in a process of its own that holds one file, answers for parts of it as S3 and plain
// servers do, and takes uploads as S3 does, forgetting them. Prints its port.
import { createServer } from "node:http";

const content = Buffer.alloc(Number(process.argv[2]) * 1e6, "0123456789abcdef\n");
const etag = '"one"';

/** @param {string} body */
const xml = (body) => `<?xml version="1.0"?><Result>${body}</Result>`;

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
function take(request, response) {
  request.resume().on("end", () => {
    response.setHeader("etag", etag);
    response.end(request.method === "POST" ? xml("<UploadId>u</UploadId><ETag>e</ETag>") : "");
  });
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
function give({ method, headers: { range } }, response) {
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  const last = to === "" ? content.length - 1 : Number(to);
  const part = content.subarray(Number(from), last + 1);
  response.writeHead(range === undefined ? 200 : 206, {
    etag,
    "content-length": part.length,
    "content-range": `bytes ${from}-${last}/${content.length}`,
  });
  response.end(method === "HEAD" ? undefined : part);
}

const server = createServer((request, response) => {
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (isRead) give(request, response);
  else take(request, response);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(address?.port);
});
