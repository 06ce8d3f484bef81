import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvEncoder, memoryFile, ndjsonEncoder, openText, packedOutput } from "#pkg/formats";
import { columnFrom } from "#pkg/rowset";
import type { FileWriter } from "#pkg/script";
import type { OutputFile, TemporaryFile } from "#pkg/transfer";

const column = { type: "string", header: "näme", format: "%s" } as const;
const csv = { format: "csv", separator: ",", dialect: "rfc4180", columns: [column] };
const ndjson = { format: "ndjson", columns: [column] };
const CHARSETS = ["utf-8", "utf-8-bom", "utf-16le", "utf-16be", "latin1"] as const;

/** A temporary file in memory. */
class MemoryOutput implements TemporaryFile {
  readonly pieces: Uint8Array[] = [];
  isAbandoned = false;
  write(bytes: Uint8Array): Promise<void> {
    this.pieces.push(Uint8Array.from(bytes));
    return Promise.resolve();
  }
  finish(): Promise<OutputFile> {
    const size = this.bytes.length;
    return Promise.resolve({ url: "x", token: "t", size, sha256: "" });
  }
  abandon(): Promise<void> {
    this.isAbandoned = true;
    return Promise.resolve();
  }
  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

const outputOf = (file: TemporaryFile, writer: object, url: string): TemporaryFile =>
  packedOutput(file, writer as FileWriter, { url, node: "write" });

async function written(writer: object, url: string, pieces: readonly Uint8Array[]) {
  const file = new MemoryOutput();
  const output = outputOf(file, writer, url);
  for (const piece of pieces) {
    const own = Uint8Array.from(piece);
    await output.write(own);
    // The caller uses its memory again.
    own.fill(0);
  }
  await output.finish();
  return file.bytes;
}

const encoderOf = { csv: csvEncoder, ndjson: ndjsonEncoder } as const;

const piecesOf = (format: "csv" | "ndjson", texts: readonly string[]): readonly Uint8Array[] => {
  const encoder = encoderOf[format]({ separator: ",", dialect: "rfc4180", columns: [column] });
  const rows = texts.map((text) => encoder.rows([columnFrom("string", [text])], 1).slice());
  return [encoder.header().slice(), ...rows, encoder.end().slice()];
};

describe.each([csv, ndjson])("$format", (writer) => {
  const format = writer.format as "csv" | "ndjson";

  test.each(CHARSETS)("in %s, packed and plain, is read again as it was", async (charset) => {
    const text = fc
      .string({ unit: "binary", maxLength: 20 })
      .filter(
        (value) =>
          charset !== "latin1" || Buffer.from(value, "latin1").toString("latin1") === value,
      );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), fc.boolean(), async (texts, isPacked) => {
        const pieces = piecesOf(format, texts);
        const url = isPacked ? "a.CSV.GZ" : "a.csv";
        const bytes = await written({ ...writer, charset }, url, pieces);
        if (isPacked && bytes.length > 0) expect([...bytes.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
        const told = charset === "utf-8-bom" ? "utf-8" : charset;
        const place = { url, node: "read", sequential: true, charset: told };
        await using input = await openText({ ...place, file: memoryFile(bytes) });
        const back = Buffer.alloc(1_000_000);
        const length = await input.file.read(back, 0);
        const whole = Buffer.concat(pieces).toString();
        expect(
          back
            .subarray(0, length)
            .toString()
            .replace(/^\ufeff/, ""),
        ).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });
});

describe("bytes", () => {
  test("begin with one mark where the encoding has one, before the first piece only", async () => {
    const pieces = [Buffer.from("a"), Buffer.from("é")];
    const hex = async (charset: string): Promise<string> =>
      (await written({ ...csv, charset }, "a.csv", pieces)).toString("hex");
    expect(await hex("utf-8")).toBe("61c3a9");
    expect(await hex("utf-8-bom")).toBe("efbbbf61c3a9");
    expect(await hex("utf-16le")).toBe("fffe6100e900");
    expect(await hex("utf-16be")).toBe("feff006100e9");
    expect(await hex("latin1")).toBe("61e9");
  });

  test("are the same for the same rows however large, and unpack to them", async () => {
    const pieces = Array.from({ length: 300 }, (_, at) => Buffer.alloc(20_000, `row ${at}\n`));
    const first = await written(csv, "a.csv.gz", pieces);
    expect(gunzipSync(first).equals(Buffer.concat(pieces))).toBe(true);
    expect((await written(csv, "a.csv.gz", pieces)).equals(first)).toBe(true);
  });

  test("of Parquet are left alone whatever the name", async () => {
    const bytes = await written({ format: "parquet" }, "a.gz", [Buffer.from("PAR1")]);
    expect(bytes.toString()).toBe("PAR1");
  });
});

describe("what cannot be written", () => {
  test("a character that Latin-1 does not have names node and file", async () => {
    const output = outputOf(new MemoryOutput(), { ...csv, charset: "latin1" }, "a.csv");
    await expect(output.write(Buffer.from("1 €"))).rejects.toMatchObject({
      code: "ENCODING_INVALID",
      facts: expect.objectContaining({ node: "write", file: "a.csv" }) as unknown,
    });
  });

  test("a target that is full fails the write or the end, and is abandoned with it", async () => {
    const file = new MemoryOutput();
    file.write = () => Promise.reject(new Error("full"));
    const output = outputOf(file, csv, "a.csv.gz");
    const writing = async (): Promise<void> => {
      for (let at = 0; at < 300; at++) await output.write(Buffer.alloc(50_000, `${at * 7919} `));
      await output.finish();
    };
    await expect(writing()).rejects.toThrow("full");
    await output.abandon();
    expect(file.isAbandoned).toBe(true);
  });

  test("nothing of a packed file that is abandoned is awaited", async () => {
    const file = new MemoryOutput();
    const output = outputOf(file, csv, "a.csv.gz");
    await output.write(Buffer.from("a"));
    await output.abandon();
    expect(file.isAbandoned).toBe(true);
  });
});
