import { execFileSync } from "node:child_process";
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everything } from "#pkg/security";
import { openFiles } from "#pkg/transfer";
import { sendPart, serve } from "../test-support/http-server.ts";
import { numbered, quick, readWhole } from "../test-support/read-whole.ts";

const content = numbered(10_000);
const files = openFiles(everything, quick);

describe("a server that knows ranges", () => {
  test("tells size and version, and is read over one stream", async () => {
    await using server = await serve((request, response) => sendPart(request, response, content));
    const url = `${server.url}/a.csv`;
    expect(await files.facts(url)).toEqual({ size: 10_000, version: '"v1"' });
    expect((await readWhole(files, url)).equals(content)).toBe(true);
    expect(server.requests.filter((request) => !request.endsWith("bytes=0-0"))).toEqual([
      "GET /a.csv bytes=0-",
    ]);
  });

  test("is read at any position with requests of that size", async () => {
    await using server = await serve((request, response) => sendPart(request, response, content));
    await using file = await files.open(`${server.url}/a`);
    const piece = Buffer.alloc(100);
    for (const position of [0, 9950, 5000, 5100, 200]) {
      const read = await file.read(piece, position);
      expect(piece.subarray(0, read).equals(content.subarray(position, position + 100))).toBe(true);
      expect(read).toBe(Math.min(100, 10_000 - position));
    }
    expect(server.requests).toContain("GET /a bytes=5000-5099");
  });

  test("may have an empty file", async () => {
    await using server = await serve((request, response) =>
      sendPart(request, response, Buffer.alloc(0)),
    );
    expect(await readWhole(files, `${server.url}/a`)).toHaveLength(0);
  });

  test("that cuts the connection is asked to go on from there", async () => {
    await using server = await serve((request, response, count) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? -1);
      if (from < 0 || count > 4) return sendPart(request, response, content);
      response.writeHead(206, {
        etag: '"v1"',
        "content-range": `bytes ${from}-9999/10000`,
        "content-length": 10_000 - from,
      });
      response.write(content.subarray(from, from + 2500), () => response.destroy());
    });
    expect((await readWhole(files, `${server.url}/a`)).equals(content)).toBe(true);
    expect(server.requests.length).toBeGreaterThan(3);
  });

  test("that stalls for ever is given up with a reason", async () => {
    await using server = await serve((request, response) => {
      if (request.headers.range === "bytes=0-0") return sendPart(request, response, content);
      const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0]);
      response.writeHead(206, {
        etag: '"v1"',
        "content-range": `bytes ${from}-9999/10000`,
        "content-length": 10_000 - from,
      });
      response.flushHeaders();
      if (from === 0) response.write(content.subarray(0, 10));
    });
    await expect(readWhole(files, `${server.url}/a`)).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      message: expect.stringContaining("nothing came for 0.3 s") as string,
    });
  });

  test("whose file changes meanwhile is not read on", async () => {
    await using server = await serve((request, response, count) =>
      sendPart(request, response, content, count === 1 ? '"v1"' : '"v2"'),
    );
    await expect(readWhole(files, `${server.url}/a`)).rejects.toMatchObject({
      code: "FILE_CHANGED",
    });
  });
});

describe("a server without ranges", () => {
  const plain = (request: { url?: string | undefined }, response: ServerResponse) => {
    if (request.url === "/packed")
      response.writeHead(200, { "content-encoding": "gzip", etag: '"z"' }).end(gzipSync(content));
    else response.writeHead(200, { "last-modified": "yesterday" }).end(content);
  };

  test("is read once, from the beginning", async () => {
    await using server = await serve(plain);
    const url = `${server.url}/a`;
    expect((await readWhole(files, url)).equals(content)).toBe(true);
    await using file = await files.open(url);
    expect(file.sequential).toBe(true);
    await expect(file.read(Buffer.alloc(1), 5)).rejects.toMatchObject({ code: "INTERNAL" });
  });

  test("may send packed content, which is unpacked", async () => {
    await using server = await serve(plain);
    expect(await files.facts(`${server.url}/packed`)).toEqual({ size: -1, version: '"z"' });
    expect((await readWhole(files, `${server.url}/packed`)).equals(content)).toBe(true);
  });

  test("is copied for who needs every position; the copy is removed", async () => {
    await using server = await serve(plain);
    const spoolFolder = await mkdtemp(join(tmpdir(), "capillaries-"));
    const spooling = openFiles(everything, { ...quick, spoolFolder });
    {
      await using file = await spooling.open(`${server.url}/packed`, { anywhere: true });
      expect(file.length).toBe(10_000);
      const piece = Buffer.alloc(50);
      await file.read(piece, 7000);
      expect(piece.equals(content.subarray(7000, 7050))).toBe(true);
      expect(await readdir(spoolFolder)).toHaveLength(1);
      expect(await file.currentFacts()).toEqual(file.facts);
    }
    expect(await readdir(spoolFolder)).toEqual([]);
    const tight = openFiles(everything, {
      ...quick,
      spoolFolder,
      limits: { ...quick.limits, maxBytes: 5000 },
    });
    await expect(tight.open(`${server.url}/packed`, { anywhere: true })).rejects.toMatchObject({
      message: expect.stringContaining("5000 are allowed") as string,
    });
    expect(await readdir(spoolFolder)).toEqual([]);
    await rm(spoolFolder, { recursive: true });
  });

  test("that cuts the connection is read again up to where it broke", async () => {
    await using server = await serve((_request, response, count) => {
      response.writeHead(200, { etag: '"v1"', "content-length": content.length });
      if (count > 3) response.end(content);
      else response.write(content.subarray(0, 3000), () => response.destroy());
    });
    expect((await readWhole(files, `${server.url}/a`)).equals(content)).toBe(true);
  });
});

describe("an answer that is no content", () => {
  test.each([
    [404, "FILE_MISSING"],
    [410, "FILE_MISSING"],
    [401, "CREDENTIALS"],
    [403, "CREDENTIALS"],
    [500, "FILE_UNREADABLE"],
    [418, "FILE_UNREADABLE"],
  ])("%i is %s", async (status, code) => {
    await using server = await serve((_request, response) => response.writeHead(status).end("no"));
    await expect(files.facts(`${server.url}/a?key=secret`)).rejects.toMatchObject({
      code,
      message: `cannot read ${server.url}/a?…: the server answered ${status}`,
    });
    expect(server.requests).toHaveLength(status === 500 ? 4 : 1);
  });

  test("a server that recovers is asked again", async () => {
    await using server = await serve((request, response, count) => {
      if (count < 3) response.writeHead(503).end();
      else sendPart(request, response, content);
    });
    expect((await files.facts(`${server.url}/a`)).size).toBe(10_000);
  });

  test("nobody listening is said", async () => {
    let url = "";
    {
      await using server = await serve((_request, response) => response.end());
      ({ url } = server);
    }
    await expect(files.facts(`${url}/a`)).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      message: expect.stringContaining("ECONNREFUSED") as string,
      hint: "Check the address, and that this machine reaches the host.",
    });
  });
});

describe("redirections", () => {
  test("are followed, and end after ten", async () => {
    await using server = await serve((request, response) => {
      const step = Number(/^\/r(\d+)$/.exec(request.url ?? "")?.[1] ?? -1);
      if (step > 0) response.writeHead(302, { location: `/r${step - 1}` }).end();
      else sendPart(request, response, content);
    });
    expect((await files.facts(`${server.url}/r5`)).size).toBe(10_000);
    await expect(files.facts(`${server.url}/r20`)).rejects.toMatchObject({
      message: expect.stringContaining("redirected more than 10 times") as string,
    });
  });

  test("do not lead around the policy, and carry no headers to other hosts", async () => {
    const seen: (string | undefined)[] = [];
    await using target = await serve((request, response) => {
      seen.push(request.headers.authorization);
      sendPart(request, response, content);
    });
    await using server = await serve((request, response) => {
      seen.push(request.headers.authorization);
      const location = request.url === "/file" ? "file:///etc/passwd" : `${target.url}/b`;
      response.writeHead(307, { location }).end();
    });
    const host = new URL(server.url).host;
    const httpHeaders = { [host]: { authorization: "Bearer x" } };
    await openFiles(everything, { ...quick, httpHeaders }).facts(`${server.url}/a`);
    expect(seen).toEqual(["Bearer x", undefined]);
    await expect(files.facts(`${server.url}/file`)).rejects.toMatchObject({
      code: "ACCESS_DENIED",
    });
  });
});

describe("the access policy", () => {
  test("refuses schemes, hosts and private addresses, also by the address that a name leads to", async () => {
    await using server = await serve((request, response) => sendPart(request, response, content));
    const { port } = new URL(server.url);
    const facts = (url: string, more: object) =>
      openFiles({ ...everything, ...more }, quick).facts(url);
    const named = `http://localhost:${port}/a`;
    const denied = { code: "ACCESS_DENIED" };
    await expect(facts(named, { schemes: ["https"] })).rejects.toMatchObject(denied);
    await expect(facts(named, { hosts: ["example.com"] })).rejects.toMatchObject(denied);
    await expect(facts(named, { privateHosts: [] })).rejects.toMatchObject(denied);
    await expect(facts(`${server.url}/a`, { privateHosts: [] })).rejects.toMatchObject(denied);
    expect(server.requests).toEqual([]);
    expect((await facts(named, { hosts: ["localhost"], privateHosts: ["localhost"] })).size).toBe(
      10_000,
    );
  });
});

test("texts are read whole; files cannot be written", async () => {
  await using server = await serve((request, response) => {
    const text = request.url === "/bad" ? Buffer.from([0xff, 0xfe]) : Buffer.from("\uFEFF{}");
    sendPart(request, response, text);
  });
  expect(await files.readText(`${server.url}/s.json`)).toBe("{}");
  await expect(files.readText(`${server.url}/bad`)).rejects.toMatchObject({
    code: "ENCODING_INVALID",
  });
  const refused = { code: "SCHEME_UNSUPPORTED" };
  const output = { url: `${server.url}/o.csv`, token: "t", size: 1, sha256: "" };
  await expect(files.createTemporary(output.url, "t")).rejects.toMatchObject(refused);
  await expect(files.publish(output)).rejects.toMatchObject(refused);
  await expect(files.discard(output)).rejects.toMatchObject(refused);
  expect(await files.list(`${server.url}/*.csv`)).toEqual([`${server.url}/*.csv`]);
});

describe("https", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "capillaries-tls-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("trusts the authorities of ca_path, and nobody else", async () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        cert,
        ...subject,
      ],
      { stdio: "ignore" },
    );
    const server = createServer(
      { key: await readFile(key), cert: await readFile(cert) },
      (request, response) => sendPart(request, response, content),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/a`;
    try {
      await expect(files.facts(url)).rejects.toMatchObject({
        code: "FILE_UNREADABLE",
        message: expect.stringContaining("the certificate of the server is not trusted") as string,
      });
      const caFolder = join(folder, "ca");
      await mkdir(caFolder);
      await writeFile(join(caFolder, "a.pem"), await readFile(cert));
      expect((await openFiles(everything, { ...quick, caFolder }).facts(url)).size).toBe(10_000);
      const missing = openFiles(everything, { ...quick, caFolder: join(folder, "none") });
      await expect(missing.facts(url)).rejects.toMatchObject({ code: "FILE_MISSING" });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
