import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll } from "vitest";
import { sendPart, serve, type TestServer } from "../../pkg/transfer/test-support/http-server.ts";
import { startS3, type S3Store } from "../../pkg/transfer/test-support/s3-store.ts";
import { startSsh, type SshServer } from "../../pkg/transfer/test-support/ssh-server.ts";
import { remoteEnvironment, sftpAddress } from "./remote-environment.ts";
import { tinyPipeline, type Tiny, type TinyOptions } from "./tiny-pipeline.ts";

/** Servers of every remote scheme on the loopback address. */
export interface RemotePlaces extends AsyncDisposable {
  readonly http: TestServer;
  readonly https: TestServer;
  readonly s3: S3Store;
  readonly ssh: SshServer;
  /** What the web servers hold, by path. */
  readonly pages: Map<string, Page>;
  /** An address below the folder of the SSH server. */
  readonly sftp: (path: string) => string;
  /** Environment of a program that may use all of them. */
  readonly env: NodeJS.ProcessEnv;
}

/** Content, or whatever a server does instead of sending it. */
export type Page = Uint8Array | ((request: IncomingMessage, response: ServerResponse) => void);

function answer(pages: RemotePlaces["pages"], request: IncomingMessage, response: ServerResponse) {
  const page = pages.get((request.url ?? "").replace(/\?.*$/, ""));
  if (page === undefined) response.writeHead(404).end();
  else if (typeof page === "function") page(request, response);
  else sendPart(request, response, page);
}

/** A web server with a certificate that nobody but `caFolder` knows. */
async function serveTls(folder: string, pages: RemotePlaces["pages"]): Promise<TestServer> {
  const at = (name: string): string => join(folder, name);
  mkdirSync(at("ca"), { recursive: true });
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const files = ["-keyout", at("key.pem"), "-out", at("ca/cert.pem")];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject],
    { stdio: "ignore" },
  );
  const requests: string[] = [];
  const server = createServer(
    { key: readFileSync(at("key.pem")), cert: readFileSync(at("ca/cert.pem")) },
    (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      answer(pages, request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Places for all tests of the file that calls it while it is loaded; closed after them. */
export async function placesOfFile(): Promise<RemotePlaces> {
  const places = await openRemotePlaces();
  afterAll(() => places[Symbol.asyncDispose]());
  return places;
}

async function openRemotePlaces(): Promise<RemotePlaces> {
  const pages: RemotePlaces["pages"] = new Map();
  const http = await serve((request, response) => answer(pages, request, response));
  const [s3, ssh] = await Promise.all([startS3(), startSsh()]);
  const tls = join(ssh.folder, "tls");
  const https = await serveTls(tls, pages);
  return {
    http,
    https,
    s3,
    ssh,
    pages,
    sftp: (path) => sftpAddress(ssh, path),
    env: {
      ...remoteEnvironment(s3, ssh),
      CAPI_CA_PATH: join(tls, "ca"),
      CAPI_STALL_SECONDS: "1",
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([http, https, s3, ssh].map((place) => place[Symbol.asyncDispose]()));
    },
  };
}

interface ScriptShape {
  nodes: {
    read_stock: { r: { urls: readonly string[] } };
    write_stock: { w: { url_template: string } };
  };
}

/** The pipeline of `tinyPipeline` with inputs and output somewhere else. */
export function pipelineAt(
  folder: string,
  { urls, target, ...options }: TinyOptions & { urls?: readonly string[] },
): Tiny {
  const tiny = tinyPipeline(folder, options);
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as ScriptShape;
  if (urls !== undefined) script.nodes.read_stock.r.urls = urls;
  if (target !== undefined) script.nodes.write_stock.w.url_template = target;
  writeFileSync(tiny.script, JSON.stringify(script, null, 2));
  return tiny;
}
