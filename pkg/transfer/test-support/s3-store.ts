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
import S3rver from "s3rver";

/** The bucket that is there. */
export const BUCKET = "data";

export interface S3Store extends AsyncDisposable {
  readonly endpoint: string;
  /** Method and path of every request so far. */
  readonly requests: string[];
  /** Answers in the place of the store where it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
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

/** A store with one bucket, and in front of it what the store does not know (ending an upload) and failures on demand. */
export async function startS3(): Promise<S3Store> {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-s3-"));
  const configureBuckets = [{ name: BUCKET, configs: [] }];
  const address = "127.0.0.1";
  const inner = new S3rver({ port: 0, address, silent: true, directory: folder, configureBuckets });
  const { port: target } = await inner.run();
  const openUploads = new Set<string>();
  const requests: string[] = [];
  const store = { instead: (): boolean => false, ended: [] as string[] } as Pick<
    S3Store,
    "instead" | "ended"
  >;

  const own = (request: IncomingMessage, response: ServerResponse): boolean => {
    const upload = uploadOf(request.url);
    if (upload === NO_UPLOAD) return refuse(response, 404, "NoSuchUpload");
    if (request.method !== "DELETE" || upload === undefined) return false;
    store.ended.push(upload);
    openUploads.delete(upload);
    response.writeHead(204).end();
    return true;
  };
  const note = (request: IncomingMessage, status: number, body: Buffer): void => {
    const begun = /<UploadId>([^<]*)</.exec(body.toString())?.[1];
    if (request.method !== "POST" || status !== 200) return;
    if (/[?&]uploads\b/.test(request.url ?? "") && begun !== undefined) openUploads.add(begun);
    else openUploads.delete(uploadOf(request.url) ?? "");
  };
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url: path, headers } = request;
    const onward = httpRequest({ port: target, host: address, method, path, headers }, (back) => {
      const { statusCode = 0 } = back;
      const pieces: Buffer[] = [];
      if (method === "POST") back.on("data", (piece: Buffer) => pieces.push(piece));
      back.on("end", () => note(request, statusCode, Buffer.concat(pieces)));
      response.writeHead(statusCode, back.headers);
      back.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  };
  const front = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!store.instead(request, response) && !own(request, response)) pass(request, response);
  });
  await new Promise<void>((resolve) => front.listen(0, address, resolve));
  return Object.assign(store, {
    endpoint: `http://${address}:${(front.address() as AddressInfo).port}`,
    requests,
    openUploads,
    keys: async () =>
      (await readdir(join(folder, BUCKET), { recursive: true }))
        .filter((name) => name.endsWith("_object") && !name.includes("uploads"))
        .map((name) => name.replace("._S3rver_object", ""))
        .toSorted(),
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      front.close();
      await inner.close();
      await rm(folder, { recursive: true });
    },
  });
}
