import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeText, openText, type Charset } from "#pkg/formats";
import { memoryFile } from "./memory-file.ts";

const place = { url: "x.csv", node: "read" };

async function read(
  bytes: Uint8Array,
  more: { charset?: Charset; sequential?: boolean; pieceBytes?: number } = {},
): Promise<string> {
  const { pieceBytes = 100, sequential = false, charset } = more;
  await using text = await openText({ ...place, file: memoryFile(bytes), sequential, charset });
  const pieces: Buffer[] = [];
  for (let position = 0; ;) {
    const piece = Buffer.alloc(pieceBytes);
    const count = await text.file.read(piece, position);
    pieces.push(piece.subarray(0, count));
    position += count;
    if (count < pieceBytes) return Buffer.concat(pieces).toString();
  }
}

const TEXT = `größe,€,😀\n${"Zeile,ä\n".repeat(5000)}`;
const utf16le = Buffer.from(`\uFEFF${TEXT}`, "utf16le");
const utf16be = Buffer.from(utf16le).swap16();

describe("a text", () => {
  test("in UTF-8 is the file itself", async () => {
    await using text = await openText({ ...place, file: memoryFile(TEXT), sequential: false });
    expect(text.isPlain).toBe(true);
    expect(await read(Buffer.from(TEXT))).toBe(TEXT);
    expect(await read(Buffer.alloc(0))).toBe("");
  });

  test("in UTF-16 is told by its mark, or by the setting", async () => {
    expect(await read(utf16le)).toBe(TEXT);
    expect(await read(utf16be)).toBe(TEXT);
    expect(await read(utf16le.subarray(2), { charset: "utf-16le" })).toBe(TEXT);
    expect(await read(utf16be, { charset: "utf-16be", pieceBytes: 7 })).toBe(TEXT);
  });

  test("in Latin-1 needs the setting", async () => {
    const bytes = Buffer.from("größe\u0080ÿ", "latin1");
    expect(await read(bytes, { charset: "latin1" })).toBe("größe\u0080ÿ");
  });

  test("that is packed is unpacked, whatever its name and encoding", async () => {
    expect(await read(gzipSync(TEXT))).toBe(TEXT);
    expect(await read(gzipSync(utf16le))).toBe(TEXT);
    expect(await read(Buffer.concat([gzipSync("a\n"), gzipSync("b\n")]))).toBe("a\nb\n");
    expect(await read(gzipSync(""))).toBe("");
  });

  test("from a source that can be read once only is not looked at twice", async () => {
    for (const bytes of [Buffer.from(TEXT), gzipSync(TEXT), utf16be, Buffer.alloc(0)]) {
      let next = 0;
      const file = memoryFile(bytes);
      const once = {
        read: async (into: Uint8Array, position: number) => {
          expect(position).toBe(next);
          const count = await file.read(into, position);
          next += count;
          return count;
        },
      };
      await using text = await openText({ ...place, file: once, sequential: true });
      const piece = Buffer.alloc(TEXT.length * 4);
      const count = await text.file.read(piece, 0);
      expect(piece.subarray(0, count).toString()).toBe(bytes.length === 0 ? "" : TEXT);
      expect(text.isPlain).toBe(false);
      if (bytes.length > 0)
        await expect(text.file.read(piece, 0)).rejects.toMatchObject({ code: "INTERNAL" });
    }
  });
});

describe("bytes that are wrong", () => {
  test("packed data that was cut off or damaged says so", async () => {
    const packed = gzipSync(TEXT.repeat(3) + Math.E);
    await expect(read(packed.subarray(0, packed.length - 10))).rejects.toMatchObject({
      code: "FILE_DAMAGED",
      message: "x.csv is not readable gzip data: it ends in the middle",
    });
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, 30, 60);
    await expect(read(damaged)).rejects.toMatchObject({
      code: "FILE_DAMAGED",
      message: "x.csv is not readable gzip data: its bytes are damaged",
    });
  });

  test("half characters of UTF-16 are named by their position", async () => {
    const invalid = (message: string) => ({ code: "ENCODING_INVALID", message });
    const units = (...all: number[]) => Buffer.from(Uint16Array.from(all).buffer);
    const charset = "utf-16le";
    await expect(read(units(0x61, 0xdc00), { charset })).rejects.toMatchObject(
      invalid("x.csv: byte 3 of the text is half of a UTF-16 pair"),
    );
    await expect(read(units(0xd800, 0x61), { charset })).rejects.toMatchObject(
      invalid("x.csv: byte 1 of the text is half of a UTF-16 pair"),
    );
    await expect(read(units(0x61, 0xd800), { charset })).rejects.toMatchObject(
      invalid("x.csv: byte 3 of the text is the last of an unfinished UTF-16 character"),
    );
    await expect(read(Buffer.from([0x61]), { charset })).rejects.toMatchObject(
      invalid("x.csv: byte 1 of the text is the last of an unfinished UTF-16 character"),
    );
  });
});

test("a text is written in any encoding and read again", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.constantFrom<Charset>("utf-8", "utf-16le", "utf-16be", "latin1"),
      async (text, charset) => {
        fc.pre(charset !== "latin1" || !/[\u0100-\u{10ffff}]/u.test(text));
        fc.pre(!text.startsWith("\uFEFF"));
        const bytes = encodeText(new TextEncoder().encode(text), charset, place);
        expect(await read(bytes, { charset })).toBe(text);
      },
    ),
  );
  expect(() => encodeText(Buffer.from("5 €"), "latin1", place)).toThrow(
    'x.csv: "€" cannot be written in latin1',
  );
});
