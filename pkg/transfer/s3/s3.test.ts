import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { everything } from "#pkg/security";
import { openFiles, type Files, type OutputFile } from "#pkg/transfer";
import { numbered, quick, readWhole } from "../test-support/read-whole.ts";
import { NO_UPLOAD, refuse, startS3, type S3Store } from "../test-support/s3-store.ts";

let store: S3Store;
let files: Files;

beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] = "S3RVER";
  process.env["AWS_SECRET_ACCESS_KEY"] = "S3RVER";
  store = await startS3();
  files = openFiles(everything, settings());
});

beforeEach(() => {
  store.ended.length = 0;
  store.instead = () => false;
  store.underway = (body) => body;
});

afterAll(() => store[Symbol.asyncDispose]());

/** Every request is answered with that status and nothing else. */
const answerAll = (status: number): void => {
  store.instead = (_, response) => {
    response.writeHead(status).end();
    return true;
  };
};

/** The store runs in this process and takes its time for a large part. */
const PATIENT_MS = 10_000;

const settings = (stallMs = PATIENT_MS) => ({
  ...quick,
  limits: { ...quick.limits, stallMs },
  s3: { ...quick.s3, endpoint: store.endpoint, region: "us-east-1", pathStyle: true },
});

async function upload(
  url: string,
  token: string,
  ...pieces: readonly Uint8Array[]
): Promise<OutputFile> {
  const file = await files.createTemporary(url, token);
  for (const piece of pieces) await file.write(piece);
  return file.finish();
}

describe("an object", () => {
  const big = numbered(1000);
  const content = Buffer.concat(Array.from({ length: 20_000 }, () => big));

  test("appears whole when it is published, in parts of eight megabytes, and can be read anywhere", async () => {
    const url = "s3://data/out/big file.bin";
    const output = await upload(
      url,
      "t1",
      content.subarray(0, 9_000_001),
      content.subarray(9_000_001),
    );
    expect(output.upload?.parts).toHaveLength(3);
    await expect(files.facts(url)).rejects.toMatchObject({ code: "FILE_MISSING" });
    expect(await files.publish(output)).toBe("published");
    expect(await files.publish(output)).toBe("published");
    expect((await files.facts(url)).size).toBe(content.length);
    expect((await readWhole(files, url, 1_000_000)).equals(content)).toBe(true);
    await using file = await files.open(url);
    const piece = Buffer.alloc(10);
    await file.read(piece, 12_345_678);
    expect(piece.equals(content.subarray(12_345_678, 12_345_688))).toBe(true);
    expect(await store.keys()).not.toContain("out/.big file.bin.t1.tmp");
  });

  test("has its parts in order, however they arrive, from memory that is used again", async () => {
    const url = "s3://data/out/many.bin";
    const seen = new Set<number>();
    const held = new Map<number, () => void>();
    // Every other part arrives after the one behind it.
    store.underway = async (body, path) => {
      const number = Number(/partNumber=([0-9]+)/.exec(path)?.[1]);
      seen.add(number);
      held.get(number - 1)?.();
      if (number % 2 === 1 && number < 5 && !seen.has(number + 1))
        await new Promise<void>((resolve) => void held.set(number, resolve));
      return body;
    };
    const file = await files.createTemporary(url, "t1");
    const piece = Buffer.alloc(1_000_000);
    for (let at = 0; at < 2 * content.length; at += piece.length) {
      content.copy(piece, 0, at % content.length);
      await file.write(piece);
    }
    const output = await file.finish();
    expect(output.upload?.parts).toHaveLength(5);
    await files.publish(output);
    const twice = Buffer.concat([content, content]);
    expect((await readWhole(files, url, 1_000_000)).equals(twice)).toBe(true);
    expect(output.sha256).toBe(createHash("sha256").update(twice).digest("hex"));
  });

  test("may be empty, and replaces an older one", async () => {
    const url = "s3://data/empty.csv";
    await files.publish(await upload(url, "t1", Buffer.from("old")));
    expect(await files.readText(url)).toBe("old");
    await files.publish(await upload(url, "t2"));
    expect(await readWhole(files, url)).toHaveLength(0);
  });

  test("whose upload is gone is lost, and its unit runs again", async () => {
    const output = await upload("s3://data/lost.csv", "t1", Buffer.from("a"));
    const gone = { ...output, upload: { id: NO_UPLOAD, parts: ["x"] } };
    expect(await files.publish(gone)).toBe("lost");
  });

  test("that nobody will publish is given up by its writer, by discard, and by the sweep", async () => {
    const first = await files.createTemporary("s3://data/x/a.csv", "t1");
    await first.write(Buffer.from("a"));
    await first.abandon();
    await upload("s3://data/x/a.csv", "t2", Buffer.from("b"));
    await files.discard({ url: "s3://data/x/a.csv", token: "t2" });
    await files.discard({ url: "s3://data/x/a.csv", token: "t2" });
    await upload("s3://data/x/a.csv", "dead", Buffer.from("b"));
    await upload("s3://data/x/a.csv", "alive", Buffer.from("b"));
    await files.sweepTemporaries("s3://data/x/a.csv", (token) => token === "dead");
    expect(new Set(store.ended).size).toBe(3);
    expect((await store.keys()).filter((key) => key.startsWith("x/"))).toEqual([
      "x/.a.csv.alive.tmp",
    ]);
  });

  test("that changes while it is read is not read on", async () => {
    const url = "s3://data/changing.csv";
    await files.publish(await upload(url, "t1", numbered(5000)));
    await using file = await files.open(url);
    await files.publish(await upload(url, "t2", numbered(4000)));
    await expect(file.read(Buffer.alloc(10), 0)).rejects.toMatchObject({ code: "FILE_CHANGED" });
    expect((await file.currentFacts()).size).toBe(4000);
  });

  test("has one name", async () => {
    expect(await files.resolve("s3://data/a b/c.csv")).toBe("s3://data/a b/c.csv");
    await expect(files.facts("s3://data")).rejects.toMatchObject({ code: "SCHEME_UNSUPPORTED" });
  });

  test("a pattern stands for the objects that fit, in order", async () => {
    for (const name of ["b", "a", "c.txt", "sub/d"])
      await files.publish(
        await upload(
          `s3://data/in/${name}${name.includes(".") ? "" : ".csv"}`,
          "t",
          Buffer.from("1"),
        ),
      );
    expect(await files.list("s3://data/in/*.csv")).toEqual([
      "s3://data/in/a.csv",
      "s3://data/in/b.csv",
    ]);
    expect(await files.list("s3://data/in/*/?.csv")).toEqual(["s3://data/in/sub/d.csv"]);
    expect(await files.list("s3://data/in/*.none")).toEqual([]);
  });
});

describe("what is wrong is said", () => {
  test("a missing object and a missing bucket", async () => {
    await expect(files.facts("s3://data/none.csv")).rejects.toMatchObject({
      code: "FILE_MISSING",
      message: "cannot read s3://data/none.csv: there is no such object",
    });
    await expect(files.facts("s3://nobody/a.csv")).rejects.toMatchObject({
      code: "FILE_MISSING",
      message: "cannot read s3://nobody/a.csv: there is no such bucket",
    });
    await expect(files.createTemporary("s3://nobody/a.csv", "t")).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
      message: "cannot write s3://nobody/a.csv: there is no such bucket",
      hint: "Make the bucket, or correct its name in the script and its parameters.",
    });
  });

  test("refused credentials, and a store that fails", async () => {
    answerAll(403);
    await expect(files.facts("s3://data/a.csv")).rejects.toMatchObject({ code: "CREDENTIALS" });
    await expect(files.createTemporary("s3://data/a.csv", "t")).rejects.toMatchObject({
      code: "CREDENTIALS",
    });
    answerAll(503);
    await expect(files.facts("s3://data/a.csv")).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      retryable: true,
    });
  });

  test("a store that fails while a file is written leaves an upload that can be ended", async () => {
    const file = await files.createTemporary("s3://data/half.csv", "t1");
    answerAll(500);
    await file.write(Buffer.from("a"));
    await expect(file.finish()).rejects.toMatchObject({ code: "TARGET_UNWRITABLE" });
    store.instead = () => false;
    await file.abandon();
    expect(store.ended).toHaveLength(1);
    await expect(files.facts("s3://data/half.csv")).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  test("a part that is damaged on its way is refused by the store, and nothing of it is published", async () => {
    const url = "s3://data/damaged.bin";
    const file = await files.createTemporary(url, "t1");
    store.underway = (body, path) => {
      if (path.includes("partNumber=2")) body.writeUInt8(body.readUInt8(77) ^ 1, 77);
      return body;
    };
    await file.write(Buffer.alloc(20_000_000));
    await expect(file.finish()).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
      message: `cannot write ${url}: it was damaged on its way`,
      retryable: true,
    });
    await file.abandon();
    expect(store.ended).toHaveLength(1);
    await expect(files.facts(url)).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  test("an upload whose marker cannot be written is ended at once", async () => {
    store.instead = (request, response) =>
      request.method === "PUT" && refuse(response, 507, "InsufficientStorage");
    await expect(files.createTemporary("s3://data/full.csv", "t1")).rejects.toMatchObject({
      code: "TARGET_FULL",
      message: "cannot write s3://data/full.csv: no space is left in the store",
      retryable: false,
    });
    expect(store.ended).toHaveLength(1);
  });

  test.each([
    [507, "InsufficientStorage"],
    [403, "QuotaExceeded"],
    [507, "XMinioStorageFull"],
  ])("a store that is full: %i %s", async (status, code) => {
    const file = await files.createTemporary("s3://data/full.csv", "t1");
    store.instead = (_, response) => refuse(response, status, code);
    await file.write(Buffer.from("a"));
    await expect(file.finish()).rejects.toMatchObject({ code: "TARGET_FULL", retryable: false });
    store.instead = () => false;
    await file.abandon();
  });

  test("a store that never answers is given up with a reason", async () => {
    store.instead = () => true;
    const hurried = openFiles(everything, settings(quick.limits.stallMs));
    await expect(hurried.facts("s3://data/a.csv")).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      hint: "Check the address of the store, and that this machine reaches it.",
      retryable: true,
      message: expect.stringContaining("the store does not answer") as string,
    });
    await expect(hurried.createTemporary("s3://data/a.csv", "t")).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
      retryable: true,
    });
  }, 20_000);

  test("a policy that forbids the store", async () => {
    const forbid = (more: object) => openFiles({ ...everything, ...more }, settings());
    const denied = { code: "ACCESS_DENIED" };
    await expect(forbid({ schemes: ["file"] }).facts("s3://data/a")).rejects.toMatchObject(denied);
    await expect(forbid({ hosts: ["*.amazonaws.com"] }).facts("s3://data/a")).rejects.toMatchObject(
      denied,
    );
    const named = {
      ...settings(),
      s3: { ...settings().s3, endpoint: store.endpoint.replace("127.0.0.1", "localhost") },
    };
    const strict = openFiles({ ...everything, privateHosts: [] }, named);
    await expect(strict.facts("s3://data/a")).rejects.toMatchObject(denied);
  });
});
