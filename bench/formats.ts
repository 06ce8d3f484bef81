// npm run bench:formats -- [--rows n] [--megabytes n] [--repeat n] [--only parquet,http,s3,sftp]
// Parquet beside hyparquet, and reading and writing remote files beside a bare copy of the same bytes: medians of interleaved rounds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { parquetRead } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import SftpClient from "ssh2-sftp-client";
import { parquetEncoder, readParquet } from "#pkg/formats/parquet";
import { columnFrom, type Vector } from "#pkg/rowset";
import { everything } from "#pkg/security";
import { NO_SETTINGS, openFiles, type Files, type TransferSettings } from "#pkg/transfer";
import type { FieldType } from "#pkg/value";
import { fileOf, readerOf } from "../pkg/formats/parquet/test-support/read-all.ts";
import { startSsh } from "../pkg/transfer/test-support/ssh-server.ts";
import { spread } from "./measure.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    megabytes: { type: "string", default: "300" },
    repeat: { type: "string", default: "5" },
    only: { type: "string", default: "parquet,http,s3,sftp" },
  },
});
const ROWS = Number(flags.rows);
const MB = Number(flags.megabytes);
const BLOCK = 50_000;
const PIECE = 2 * 1024 * 1024;

type Work = () => Promise<unknown>;

/** Seconds of each, in turns, so that both meet the same machine. */
async function compare(ours: Work, theirs: Work): Promise<readonly [number, number]> {
  const seconds: [number[], number[]] = [[], []];
  for (let round = 0; round <= Number(flags.repeat); round++)
    for (const [at, work] of [ours, theirs].entries()) {
      const start = performance.now();
      await work();
      // The first round compiles.
      if (round > 0) seconds[at]?.push((performance.now() - start) / 1000);
    }
  return [spread(seconds[0]).median, spread(seconds[1]).median];
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");

function tell(
  name: string,
  amount: number,
  unit: string,
  [ours, theirs]: readonly [number, number],
) {
  const share = Math.round((theirs / ours) * 100);
  console.log(
    `${name.padEnd(14)} ${whole(amount / ours).padStart(10)} ${unit}, bare ${whole(amount / theirs).padStart(10)}: ${share} %`,
  );
}

const TYPES: Readonly<Record<string, FieldType>> = {
  id: "int",
  code: "string",
  name: "string",
  qty: "int",
  price: "decimal2",
  at: "datetime",
  ok: "bool",
  text: "string",
};

function block(from: number): readonly Vector[] {
  const numbers = Array.from({ length: BLOCK }, (_, at) => from + at);
  return [
    columnFrom("int", numbers.map(BigInt)),
    columnFrom(
      "string",
      numbers.map((n) => (n * 2_654_435_761).toString(16).padStart(16, "0")),
    ),
    columnFrom(
      "string",
      numbers.map((n) => `name ${n % 5000}`),
    ),
    columnFrom(
      "int",
      numbers.map((n) => BigInt(n % 100)),
    ),
    columnFrom(
      "decimal2",
      numbers.map((n) => ({ digits: BigInt(n * 7), scale: 2 })),
    ),
    { type: "datetime", values: Float64Array.from(numbers, (n) => 1.7e12 + n * 1000) },
    { type: "bool", values: Uint8Array.from(numbers, (n) => n & 1) },
    columnFrom(
      "string",
      numbers.map((n) => `some text of a row, number ${n}`),
    ),
  ];
}

async function parquet(): Promise<void> {
  const blocks = Array.from({ length: ROWS / BLOCK }, (_, at) => block(at * BLOCK));
  const columns = Object.entries(TYPES).map(([header, type]) => ({ header, type }));
  for (const codec of ["gzip", "snappy"] as const) {
    let bytes = Buffer.alloc(0);
    const write = (): void => {
      const encoder = parquetEncoder({ codec, columns });
      const pieces = [encoder.header()];
      for (const vectors of blocks) pieces.push(encoder.rows(vectors, BLOCK).slice());
      bytes = Buffer.concat([...pieces, encoder.end()]);
    };
    const times: number[] = [];
    for (let round = 0; round < Number(flags.repeat); round++) {
      const start = performance.now();
      write();
      times.push((performance.now() - start) / 1000);
    }
    console.log(
      `parquet write  ${whole(ROWS / spread(times).median).padStart(10)} rows/s, ${codec}`,
    );
    const reader = readerOf(TYPES);
    const ours = async (): Promise<void> => {
      let rows = 0;
      const place = { url: "x.parquet", node: "" };
      for await (const { rows: some } of readParquet({ ...place, file: fileOf(bytes), reader }))
        rows += some;
      if (rows !== ROWS) throw new Error(`${rows} rows`);
    };
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const file = { byteLength: bytes.length, slice: (a: number, b?: number) => buffer.slice(a, b) };
    const theirs = async (): Promise<void> => {
      let cells = 0;
      const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }): void => {
        cells += columnData.length;
      };
      await parquetRead({ file, compressors, onChunk });
      if (cells !== ROWS * columns.length) throw new Error(`${cells} cells`);
    };
    tell(`parquet read`, ROWS, `rows/s, ${codec}`, await compare(ours, theirs));
  }
}

/** As the CSV reader does it. */
async function readAll(files: Files, url: string): Promise<void> {
  await using file = await files.open(url);
  const piece = new Uint8Array(PIECE);
  let position = 0;
  for (let read = PIECE; read === PIECE; position += read) read = await file.read(piece, position);
  if (position !== MB * 1e6) throw new Error(`${position} bytes`);
}

/** A copy on disk, as curl makes it. */
const toFile = (stream: AsyncIterable<unknown>): Promise<void> =>
  pipeline(stream, createWriteStream(join(tmpdir(), "capillaries-bench-copy")));

const content = Buffer.alloc(MB * 1e6, "0123456789abcdef\n");

/** As the writer of a node does it. */
async function writeAll(files: Files, url: string): Promise<void> {
  const file = await files.createTemporary(url, "bench");
  for (let at = 0; at < content.length; at += 1_000_000)
    await file.write(content.subarray(at, at + 1_000_000));
  await files.publish(await file.finish());
}

async function overWeb(): Promise<void> {
  const server = spawn(
    process.execPath,
    [join(import.meta.dirname, "competitors", "byte-server.mjs"), String(MB)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [port] = (await once(createInterface(server.stdout), "line")) as [string];
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  process.env["AWS_ACCESS_KEY_ID"] = credentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = credentials.secretAccessKey;
  const s3 = { ...NO_SETTINGS.s3, endpoint, region: "us-east-1", pathStyle: true };
  const files = openFiles(everything, { ...NO_SETTINGS, s3 });
  try {
    if (flags.only.includes("http"))
      tell(
        "http read",
        MB,
        "MB/s",
        await compare(
          () => readAll(files, `${endpoint}/a`),
          async () => {
            const [answer] = (await once(httpGet(`${endpoint}/a`), "response")) as [
              AsyncIterable<unknown>,
            ];
            await toFile(answer);
          },
        ),
      );
    if (!flags.only.includes("s3")) return;
    const client = new S3Client({
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    const place = { Bucket: "b", Key: "a" };
    const bareGet = async (): Promise<void> => {
      const { Body } = await client.send(new GetObjectCommand(place));
      await toFile(Body as AsyncIterable<unknown>);
    };
    tell("s3 read", MB, "MB/s", await compare(() => readAll(files, "s3://b/a"), bareGet));
    const barePut = (): Promise<unknown> =>
      client.send(new PutObjectCommand({ ...place, Body: content }));
    tell("s3 write", MB, "MB/s", await compare(() => writeAll(files, "s3://b/a"), barePut));
  } finally {
    server.kill();
    rmSync(join(tmpdir(), "capillaries-bench-copy"), { force: true });
  }
}

async function overSsh(): Promise<void> {
  await using server = await startSsh();
  const at = (name: string): string => join(server.folder, "files", name);
  writeFileSync(at("a"), content);
  const { user: username, port } = server;
  const settings: TransferSettings = {
    ...NO_SETTINGS,
    privateKeys: { [username]: server.key },
    knownHosts: [server.knownHosts],
  };
  const files = openFiles(everything, settings);
  const url = (name: string): string => `sftp://${username}@127.0.0.1:${port}${at(name)}`;
  const nothing = { error: () => undefined, end: () => undefined, close: () => undefined };
  const Client = SftpClient as unknown as new (name: string, quiet: object) => SftpClient;
  const bare = async (work: (client: SftpClient) => Promise<unknown>): Promise<void> => {
    const client = new Client("bare", nothing);
    await client.connect({
      host: "127.0.0.1",
      port,
      username,
      privateKey: readFileSync(server.key),
    });
    await work(client);
    await client.end();
  };
  mkdirSync(at("out"));
  writeFileSync(join(server.folder, "source"), content);
  tell(
    "sftp read",
    MB,
    "MB/s",
    await compare(
      () => readAll(files, url("a")),
      () => bare((client) => client.fastGet(at("a"), join(server.folder, "copy"))),
    ),
  );
  tell(
    "sftp write",
    MB,
    "MB/s",
    await compare(
      () => writeAll(files, url("out/a")),
      () => bare((client) => client.fastPut(join(server.folder, "source"), at("out/b"))),
    ),
  );
  rmSync(at("out"), { recursive: true });
}

if (flags.only.includes("parquet")) await parquet();
if (/http|s3/.test(flags.only)) await overWeb();
if (flags.only.includes("sftp")) await overSsh();
