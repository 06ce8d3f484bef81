import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openFiles } from "#pkg/transfer";
import { everything } from "#pkg/security";
import { quick } from "../../pkg/transfer/test-support/read-whole.ts";
import { sendPart } from "../../pkg/transfer/test-support/http-server.ts";
import { refuse } from "../../pkg/transfer/test-support/s3-store.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { pipelineAt, placesOfFile, type Page } from "../support/remote-places.ts";
import type { Tiny } from "../support/tiny-pipeline.ts";

const places = await placesOfFile();

beforeEach(() => {
  places.s3.instead = () => false;
  places.pages.clear();
});

const rowsOf = (from: number, rows: number): string =>
  `sku,qty,price\n${Array.from({ length: rows }, (_, at) => `S-${from + at},${at % 97},${at}.25\n`).join("")}`;

Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: places.env["AWS_ACCESS_KEY_ID"],
  AWS_SECRET_ACCESS_KEY: places.env["AWS_SECRET_ACCESS_KEY"],
});

/** Puts content into the store without the program. */
async function put(url: string, content: Uint8Array): Promise<void> {
  const s3 = { ...quick.s3, endpoint: places.s3.endpoint, region: "us-east-1", pathStyle: true };
  const files = openFiles(everything, { ...quick, s3 });
  const file = await files.createTemporary(url, "t");
  await file.write(content);
  await files.publish(await file.finish());
}

async function get(url: string): Promise<Buffer> {
  const answer = await fetch(url.replace("s3://", `${places.s3.endpoint}/`));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

const filesOf = (path: string): string => join(places.ssh.folder, "files", path);

test("inputs by http, https, S3 and SFTP, packed and plain, give the output of local ones, on S3 and SFTP, byte for byte", async () => {
  const parts = [0, 1, 2, 3].map((part) => rowsOf(part * 10_000, 10_000));
  const local = pipelineAt(temporaryFolder("local"), {});
  const paths = parts.map((_, at) => join(local.folder, "in", `part${at}.csv`));
  parts.forEach((part, at) => writeFileSync(paths[at] ?? "", part));
  pipelineAt(local.folder, { urls: paths });
  const ended = await cli(local.run);
  expect(ended.code, ended.stderr).toBe(0);
  const wanted = readFileSync(join(local.out, "stock.csv"));
  expect(wanted.length).toBeGreaterThan(500_000);

  places.pages.set("/part0.csv", Buffer.from(parts[0] ?? ""));
  places.pages.set("/part1.csv.gz", gzipSync(parts[1] ?? ""));
  await put("s3://data/in/part2.csv", Buffer.from(parts[2] ?? ""));
  mkdirSync(filesOf("in"));
  writeFileSync(filesOf("in/part3.csv"), parts[3] ?? "");
  const urls = [
    `${places.http.url}/part0.csv`,
    `${places.https.url}/part1.csv.gz`,
    "s3://data/in/*.csv",
    places.sftp("in/part3.csv"),
  ];
  for (const target of ["s3://data/out/stock.csv", places.sftp("out/deep/stock.csv")]) {
    const remote = pipelineAt(temporaryFolder("remote"), { urls, target });
    const run = await cli([...remote.run, "--json"], { env: places.env });
    expect(run.code, run.stderr).toBe(0);
    expect(() => JSON.parse(run.stdout) as unknown).not.toThrow();
    expect(run.stderr).not.toMatch(/warning|listener/i);
    // A second run replaces what the first one published.
    expect((await cli(remote.run, { env: places.env })).code).toBe(0);
  }
  expect((await get("s3://data/out/stock.csv")).equals(wanted)).toBe(true);
  expect(readFileSync(filesOf("out/deep/stock.csv")).equals(wanted)).toBe(true);
  expect(readdirSync(filesOf("out/deep"))).toEqual(["stock.csv"]);
  expect(await places.s3.keys()).toEqual(["in/part2.csv", "out/stock.csv"]);
  expect([...places.s3.openUploads]).toEqual([]);
});

interface Expected {
  readonly node: string;
  /** Of the batch; a retryable one is tried five times, so that the node's is UNIT_ATTEMPTS. */
  readonly code: string;
  readonly says: string;
}

interface Report {
  readonly nodes: readonly {
    readonly node: string;
    readonly cause: { readonly code: string; readonly message: string } | null;
  }[];
}

/** Runs it and expects one clear Fault: exit code, node, code, words, a way out, no stack trace; and that nothing is left. */
async function expectFault(tiny: Tiny, env: NodeJS.ProcessEnv, wanted: Expected): Promise<void> {
  const spool = join(tiny.folder, "spool");
  mkdirSync(spool);
  const ended = await cli([...tiny.run, "--json"], {
    env: { ...places.env, TMPDIR: spool, ...env },
  });
  expect(ended.code, ended.stderr).toBe(1);
  expect(ended.stderr).not.toMatch(/^\s+at .*\(/m);
  expect(ended.stderr).toContain("→");
  const { nodes } = JSON.parse(ended.stdout) as Report;
  const cause = nodes.find(({ node }) => node === wanted.node)?.cause;
  expect(cause).toMatchObject({ code: wanted.code });
  expect(cause?.message).toContain(wanted.says);
  expect(readdirSync(spool)).toEqual([]);
  expect(readdirSync(tiny.out)).toEqual([]);
  expect([...places.s3.openUploads]).toEqual([]);
  expect((await places.s3.keys()).filter((key) => key.endsWith(".tmp"))).toEqual([]);
}

const half = (_: unknown, response: ServerResponse): void => {
  response.writeHead(200, { "content-length": 1000 }).write("sku,qty,price\n");
};
let versions = 0;
const changing: Page = (request, response) =>
  sendPart(request, response, Buffer.from(rowsOf(0, 100)), `"v${++versions}"`);

interface Source {
  readonly name: string;
  readonly url: () => string;
  readonly page?: Page;
  readonly env?: () => NodeJS.ProcessEnv;
  readonly code: string;
  readonly says: string;
}

const page = "/page.csv";
const web = (): string => places.http.url + page;
const status =
  (code: number): Page =>
  (_, response) =>
    void response.writeHead(code).end();
const sources: readonly Source[] = [
  { name: "404", url: web, code: "FILE_MISSING", says: "the server answered 404" },
  {
    name: "403",
    url: web,
    page: status(403),
    code: "CREDENTIALS",
    says: "the server answered 403",
  },
  {
    name: "500",
    url: web,
    page: status(500),
    code: "FILE_UNREADABLE",
    says: "the server answered 500",
  },
  {
    name: "a stalled connection",
    url: web,
    page: half,
    env: () => ({ CAPI_STALL_SECONDS: "0.2" }),
    code: "UNIT_ATTEMPTS",
    says: "nothing came for 0.2 s",
  },
  {
    name: "a store that never answers",
    url: () => "s3://data/silent.csv",
    env: () => ({ CAPI_STALL_SECONDS: "0.2" }),
    code: "FILE_UNREADABLE",
    says: "the store does not answer",
  },
  {
    name: "a TLS error",
    url: () => places.https.url + page,
    page: changing,
    env: () => ({ CAPI_CA_PATH: "" }),
    code: "FILE_UNREADABLE",
    says: "the certificate of the server is not trusted",
  },
  {
    name: "a file that changes during the reading",
    url: web,
    page: changing,
    code: "FILE_CHANGED",
    says: "is not what it was when the run started",
  },
  {
    name: "truncated gzip",
    url: web,
    page: gzipSync(rowsOf(0, 50_000)).subarray(0, 20_000),
    code: "FILE_DAMAGED",
    says: "it ends in the middle",
  },
  {
    name: "a missing bucket",
    url: () => "s3://nobody/a.csv",
    code: "FILE_MISSING",
    says: "there is no such bucket",
  },
  {
    name: "a missing object",
    url: () => "s3://data/none.csv",
    code: "FILE_MISSING",
    says: "there is no such object",
  },
  {
    name: "a wrong key",
    url: () => places.sftp("a.csv"),
    env: () => ({ CAPI_PRIVATE_KEYS: `${places.ssh.user}:${places.ssh.strangerKey}` }),
    code: "CREDENTIALS",
    says: "the host refused the user and key",
  },
  {
    name: "a host that is not known",
    url: () => places.sftp("a.csv"),
    env: () => ({ CAPI_KNOWN_HOSTS: "/nonexistent" }),
    code: "HOST_KEY",
    says: "is in no known_hosts file",
  },
  {
    name: "a host with another key than it had",
    url: () => places.sftp("a.csv"),
    env: () => {
      const other = join(places.ssh.folder, "known-other");
      const stranger = readFileSync(`${places.ssh.strangerKey}.pub`, "utf8");
      writeFileSync(other, `[127.0.0.1]:${places.ssh.port} ${stranger}`);
      return { CAPI_KNOWN_HOSTS: other };
    },
    code: "HOST_KEY",
    says: "is another one than known_hosts says",
  },
];

test.each(sources)("bad source: $name", async ({ url, page: content, env, code, says }) => {
  if (content !== undefined) places.pages.set(page, content);
  if (url().includes("silent")) places.s3.instead = () => true;
  const tiny = pipelineAt(temporaryFolder("source"), { urls: [url()] });
  await expectFault(tiny, env?.() ?? {}, { node: "read_stock", code, says });
});

describe("a target that is full", () => {
  const node = "write_stock";

  test.each([
    ["from the beginning", (request: IncomingMessage) => request.method === "PUT"],
    ["when the parts are sent", (request: IncomingMessage) => /partNumber/.test(request.url ?? "")],
    [
      "when the upload is completed",
      (request: IncomingMessage) => request.method === "POST" && /uploadId/.test(request.url ?? ""),
    ],
  ])("on S3, %s: the object of the last run stays, no upload is left", async (_, isFull) => {
    const target = "s3://data/full/stock.csv";
    await put(target, Buffer.from("old"));
    places.s3.instead = (request, response) =>
      isFull(request) && refuse(response, 507, "InsufficientStorage");
    const tiny = pipelineAt(temporaryFolder("full"), { target });
    const says = `cannot write ${target}: no space is left in the store`;
    await expectFault(tiny, {}, { node, code: "TARGET_FULL", says });
    expect((await get(target)).toString()).toBe("old");
  });

  test("on S3, without its bucket", async () => {
    const tiny = pipelineAt(temporaryFolder("full"), { target: "s3://nobody/stock.csv" });
    const says = "there is no such bucket";
    await expectFault(tiny, {}, { node, code: "TARGET_UNWRITABLE", says });
  });

  test.runIf(process.getuid?.() === 0)("on SFTP: the file of the last run stays", async () => {
    const small = filesOf("small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
    onTestFinished(() => void execFileSync("umount", ["-l", small]));
    writeFileSync(join(small, "stock.csv"), "old");
    const target = places.sftp("small/stock.csv");
    const tiny = pipelineAt(temporaryFolder("full"), { target, csv: rowsOf(0, 100_000) });
    const says = `cannot write ${target}: no space is left on the host`;
    await expectFault(tiny, {}, { node, code: "TARGET_FULL", says });
    expect(readdirSync(small)).toEqual(["stock.csv"]);
    expect(readFileSync(join(small, "stock.csv"), "utf8")).toBe("old");
  });
});
