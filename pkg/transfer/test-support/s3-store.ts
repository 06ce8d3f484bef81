import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import S3rver from "s3rver";

const ADDRESS = "127.0.0.1";

/** The bucket that is there. */
export const BUCKET = "data";

export interface S3Store extends AsyncDisposable {
  readonly endpoint: string;
  /** Method and path of every request so far. */
  readonly requests: string[];
  /** Answers in the place of the store where it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** What becomes of the body of a request on its way, and when it arrives. */
  underway: (body: Buffer, path: string) => Buffer | Promise<Buffer>;
  /** Identities of uploads that were begun and neither completed nor ended. */
  readonly openUploads: ReadonlySet<string>;
  readonly ended: string[];
  /** Every object of the bucket, markers of uploads included. */
  keys(): Promise<readonly string[]>;
}

/** An answer as the store gives it when it refuses. */
export function refuse(response: ServerResponse, status: number, code: string): true {
  const body = `<Error><Code>${code}</Code><Message>said by the test</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml" }).end(body);
  return true;
}

export const NO_UPLOAD = "0".repeat(32);

const uploadOf = (url: string | undefined): string | undefined =>
  /[?&]uploadId=([^&]*)/.exec(url ?? "")?.[1];

const sha256 = (body: Buffer): string => createHash("sha256").update(body).digest("hex");

/** In front of the store: what it does not do (ending an upload, comparing a body with its signed hash), and failures on demand. */
class Front implements Pick<
  S3Store,
  "requests" | "instead" | "underway" | "openUploads" | "ended"
> {
  readonly requests: string[] = [];
  readonly openUploads = new Set<string>();
  readonly ended: string[] = [];
  readonly server = createServer((request, response) => this.#handle(request, response));
  readonly #target: number;
  instead: S3Store["instead"] = () => false;
  underway: S3Store["underway"] = (body) => body;

  constructor(target: number) {
    this.#target = target;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    if (!this.instead(request, response) && !this.#own(request, response))
      this.#take(request, response).catch(() => response.destroy());
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = await this.underway(Buffer.concat(pieces), request.url ?? "");
    const { authorization, "x-amz-content-sha256": signed } = request.headers;
    if (authorization === undefined || signed === sha256(body)) this.#pass(request, response, body);
    else refuse(response, 400, "XAmzContentSHA256Mismatch");
  }

  #own(request: IncomingMessage, response: ServerResponse): boolean {
    const upload = uploadOf(request.url);
    if (upload === NO_UPLOAD) return refuse(response, 404, "NoSuchUpload");
    if (request.method !== "DELETE" || upload === undefined) return false;
    this.ended.push(upload);
    this.openUploads.delete(upload);
    response.writeHead(204).end();
    return true;
  }

  #pass(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { method, url: path, headers } = request;
    const place = { port: this.#target, host: ADDRESS, method, path, headers };
    const onward = httpRequest(place, (back) => {
      const { statusCode = 0 } = back;
      const pieces: Buffer[] = [];
      if (method === "POST") back.on("data", (piece: Buffer) => pieces.push(piece));
      back.on("end", () => this.#note(request, statusCode, Buffer.concat(pieces)));
      response.writeHead(statusCode, back.headers);
      // Ends the connection to the store too when the reader leaves before the end.
      pipeline(back, response, () => undefined);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  }

  #note(request: IncomingMessage, status: number, body: Buffer): void {
    const begun = /<UploadId>([^<]*)</.exec(body.toString())?.[1];
    if (request.method !== "POST" || status !== 200) return;
    if (/[?&]uploads\b/.test(request.url ?? "") && begun !== undefined) this.openUploads.add(begun);
    else this.openUploads.delete(uploadOf(request.url) ?? "");
  }
}

/** A store with one bucket on the loopback address. */
export async function startS3(): Promise<S3Store> {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-s3-"));
  const configureBuckets = [{ name: BUCKET, configs: [] }];
  const inner = new S3rver({
    port: 0,
    address: ADDRESS,
    silent: true,
    directory: folder,
    configureBuckets,
  });
  const front = new Front((await inner.run()).port);
  await new Promise<void>((resolve) => front.server.listen(0, ADDRESS, resolve));
  return Object.assign(front, {
    endpoint: `http://${ADDRESS}:${(front.server.address() as AddressInfo).port}`,
    keys: async () =>
      (await readdir(join(folder, BUCKET), { recursive: true }))
        .filter((name) => name.endsWith("_object") && !name.includes("uploads"))
        .map((name) => name.replace("._S3rver_object", ""))
        .toSorted(),
    async [Symbol.asyncDispose]() {
      front.server.closeAllConnections();
      front.server.close();
      await inner.close();
      await rm(folder, { recursive: true });
    },
  });
}
