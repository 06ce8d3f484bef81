import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { contentOf, rowsetArbitrary } from "./test-support/arbitrary-rowset.ts";
import { checksum } from "./checksum.ts";
import { ENTRY, HEADER, HEADER_BYTES } from "./chunk-format.ts";
import type { Column, Rowset, StringColumn } from "./column.ts";
import { decodeChunk } from "./decode-chunk.ts";
import { encodeChunk } from "./encode-chunk.ts";
import { sliceRowset } from "./rowset.ts";
import { columnFrom, constantColumn } from "./values.ts";

const one = (column: Column, rows: number): Rowset => ({ rows, columns: new Map([["f", column]]) });

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return isFault(error) ? error.code : "another error";
  }
  return "no error";
};

/** The same bytes at an address that is no multiple of 8. */
function misaligned(bytes: Uint8Array): Uint8Array {
  const moved = new Uint8Array(bytes.length + 3).subarray(3);
  moved.set(bytes);
  return moved;
}

describe("chunks", () => {
  test("decoding gives back what was encoded, aligned or not", () => {
    fc.assert(
      fc.property(rowsetArbitrary, (rowset) => {
        const bytes = encodeChunk(rowset);
        expect(contentOf(decodeChunk(bytes))).toEqual(contentOf(rowset));
        expect(contentOf(decodeChunk(misaligned(bytes)))).toEqual(contentOf(rowset));
      }),
    );
  });

  test("slices are encoded like rowsets of their own", () => {
    fc.assert(
      fc.property(rowsetArbitrary, fc.nat(40), fc.nat(40), (rowset, a, b) => {
        const [from, to] = [Math.min(a, b, rowset.rows), Math.min(Math.max(a, b), rowset.rows)];
        const slice = sliceRowset(rowset, from, to);
        expect(contentOf(decodeChunk(encodeChunk(slice)))).toEqual(contentOf(slice));
      }),
    );
  });

  test("decodes only the named columns, in the order asked for", () => {
    fc.assert(
      fc.property(rowsetArbitrary, (rowset) => {
        const names = [...rowset.columns.keys()].toReversed().slice(0, 2);
        expect([...decodeChunk(encodeChunk(rowset), names).columns.keys()]).toEqual(names);
      }),
    );
  });

  test("a changed byte is never read as data", () => {
    fc.assert(
      fc.property(
        rowsetArbitrary,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (rowset, place, change) => {
          const bytes = encodeChunk(rowset);
          const at = place % bytes.length;
          bytes[at] = (bytes[at] as number) ^ change;
          expect(codeOf(() => decodeChunk(bytes))).toMatch(/^(TABLE_DAMAGED|STORE_VERSION)$/);
        },
      ),
    );
  });

  test("a chunk that was cut is damaged", () => {
    const bytes = encodeChunk(one(columnFrom("int", [1n, 2n]), 2));
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => decodeChunk(bytes.slice(0, length)))).toBe("TABLE_DAMAGED");
    }
  });

  test("damage in one column leaves the others readable", () => {
    const rowset = {
      rows: 2,
      columns: new Map<string, Column>([
        ["a", columnFrom("float", [1, 2])],
        ["b", columnFrom("string", ["x", "y"])],
      ]),
    };
    const bytes = encodeChunk(rowset);
    bytes[bytes.length - 8] = 0xff;
    expect(contentOf(decodeChunk(bytes, ["a"]))).toEqual([["a", "float", [1, 2]]]);
    expect(codeOf(() => decodeChunk(bytes, ["b"]))).toBe("TABLE_DAMAGED");
  });

  test("a column that is not there is damage", () => {
    expect(codeOf(() => decodeChunk(encodeChunk(one(columnFrom("int", []), 0)), ["g"]))).toBe(
      "TABLE_DAMAGED",
    );
  });

  test("a newer version is refused as such", () => {
    const bytes = encodeChunk(one(columnFrom("int", []), 0));
    bytes[HEADER.version] = 2;
    expect(codeOf(() => decodeChunk(bytes))).toBe("STORE_VERSION");
  });

  /** The chunk with one byte changed and a checksum that says so. */
  function forged(bytes: Uint8Array, at: number): Uint8Array {
    const changed = Uint8Array.from(bytes);
    changed[at] = 1;
    const view = new DataView(changed.buffer);
    view.setUint32(HEADER.checksum, 0, true);
    const body = HEADER_BYTES + view.getUint32(HEADER.directoryBytes, true);
    view.setInt32(HEADER.checksum, checksum(new Int32Array(changed.buffer, 0, body / 4)), true);
    return changed;
  }

  test("reserved flags are refused as those of a newer version", () => {
    const bytes = encodeChunk(one(columnFrom("int", []), 0));
    expect(codeOf(() => decodeChunk(forged(bytes, HEADER.flags)))).toBe("STORE_VERSION");
    expect(codeOf(() => decodeChunk(forged(bytes, HEADER_BYTES + ENTRY.flags)))).toBe(
      "STORE_VERSION",
    );
  });

  test("bytes of something else are damage", () => {
    expect(codeOf(() => decodeChunk(new Uint8Array(64)))).toBe("TABLE_DAMAGED");
  });

  test("chunks in shared memory are decoded in place", () => {
    const rowset = one(columnFrom("string", ["x", "grün"]), 2);
    const bytes = encodeChunk(rowset);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(contentOf(decodeChunk(shared))).toEqual(contentOf(rowset));
  });

  test("version 0 never existed", () => {
    const bytes = encodeChunk(one(columnFrom("int", []), 0));
    bytes[HEADER.version] = 0;
    expect(codeOf(() => decodeChunk(bytes))).toBe("TABLE_DAMAGED");
  });

  test("float columns of an aligned chunk are views", () => {
    const bytes = encodeChunk(one(columnFrom("float", [1.5, 2.5]), 2));
    const column = decodeChunk(bytes).columns.get("f") as { values: Float64Array };
    expect(column.values.buffer).toBe(bytes.buffer);
  });
});

describe("stored size", () => {
  const sizeOf = (column: Column, rows: number): number => encodeChunk(one(column, rows)).length;
  const ROWS = 1000;
  const many = Array.from({ length: 10_000 }, (_, entry) => `entry number ${entry}`);

  test.each([
    ["int", 5n, 1],
    ["int", 500n, 2],
    ["int", 500_000n, 4],
    ["int", 2n ** 40n, 8],
    ["int", 2n ** 60n, 8],
    ["decimal2", { digits: 500n, scale: 2 }, 2],
    ["bool", true, 1],
    ["float", 1, 8],
    ["datetime", { ns: 86_400_000_000_000n, offset: 0, zone: "UTC" }, 4],
    ["datetime", { ns: 1_000_000_000n, offset: 0, zone: "UTC" }, 4],
    ["datetime", { ns: 1_000_000n, offset: 0, zone: "UTC" }, 8],
  ] as const)("a column of %s %s takes about %d bytes a row", (type, value, width) => {
    const size = sizeOf(constantColumn(type, value, ROWS), ROWS);
    expect(Math.abs(size - ROWS * width)).toBeLessThan(128);
  });

  test("a slice of a large dictionary carries only the entries in use", () => {
    const dictionary = columnFrom("string", many) as StringColumn;
    const codes = Int32Array.from({ length: ROWS }, (_, row) => (row % 10) * 1000);
    expect(sizeOf({ ...dictionary, codes }, ROWS)).toBeLessThan(ROWS + 500);
  });

  test("a dictionary of distinct entries is stored as plain texts", () => {
    const dictionary = columnFrom("string", many) as StringColumn;
    const codes = Int32Array.from({ length: ROWS }, (_, row) => 9999 - row);
    const bytes = encodeChunk(one({ ...dictionary, codes }, ROWS));
    const column = decodeChunk(bytes).columns.get("f") as StringColumn;
    expect(column.codes).toBeUndefined();
    expect(bytes.length).toBeLessThan(ROWS * 22);
  });

  test.each([300, 70_000])("dictionaries of %d entries keep their codes", (entries) => {
    const texts = Array.from(
      { length: entries },
      (_, entry) => `a rather long text with the number ${entry}`,
    );
    const dictionary = columnFrom("string", texts) as StringColumn;
    const codes = Int32Array.from({ length: entries * 3 }, (_, row) => row % entries);
    const rowset = one({ ...dictionary, codes }, codes.length);
    const decoded = decodeChunk(encodeChunk(rowset)).columns.get("f") as StringColumn;
    expect(decoded.codes).toEqual(codes);
    expect(contentOf(one(decoded, codes.length))).toEqual(contentOf(rowset));
  });
});
