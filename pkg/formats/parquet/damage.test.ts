import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { columnFrom } from "#pkg/rowset";
import { fileBytes, readAll, type Columns } from "./test-support/read-all.ts";
import { duckFile } from "./test-support/duck.ts";

const COLUMNS: Columns = { i: "int", s: "string", t: "datetime" };
const ROWS = 3000;

const whole = fileBytes(
  { codec: "snappy", columns: Object.entries(COLUMNS).map(([header, type]) => ({ header, type })) },
  [
    {
      rows: ROWS,
      vectors: [
        columnFrom(
          "int",
          Array.from({ length: ROWS }, (_, row) => BigInt(row)),
        ),
        columnFrom(
          "string",
          Array.from({ length: ROWS }, (_, row) => `text ${row % 99}`),
        ),
        { type: "datetime", values: Float64Array.from({ length: ROWS }, (_, row) => row * 1000) },
      ],
    },
  ],
);

const damaged = (message: string) => ({
  code: "FILE_DAMAGED",
  message: expect.stringContaining(message) as string,
});

test("a file that was cut off anywhere says so", async () => {
  for (const length of [0, 3, 11, 12, 100, whole.length - 1000, whole.length - 1]) {
    const cut = whole.slice(0, length);
    await expect(readAll(cut, COLUMNS), String(length)).rejects.toMatchObject(
      damaged("x.parquet is not a readable Parquet file"),
    );
  }
});

test("what is no Parquet file is told from one that is encrypted", async () => {
  await expect(readAll(Buffer.from("id,name\n1,a\n2,b\n"), COLUMNS)).rejects.toMatchObject(
    damaged("it does not begin with PAR1"),
  );
  const encrypted = Buffer.concat([whole.subarray(0, -4), Buffer.from("PARE")]);
  await expect(readAll(encrypted, COLUMNS)).rejects.toMatchObject(
    damaged("its footer is encrypted"),
  );
});

test("bytes missing in the middle are found", async () => {
  const holed = Buffer.concat([whole.subarray(0, 500), whole.subarray(900)]);
  await expect(readAll(holed, COLUMNS)).rejects.toMatchObject({ code: "FILE_DAMAGED" });
});

test("pages in another codec than the file says are refused", async () => {
  const bytes = Buffer.from(await duckFile("select i from range(5000) t(i)", ", codec gzip"));
  const plain = Buffer.from(
    await duckFile("select i from range(5000) t(i)", ", codec uncompressed"),
  );
  expect((await readAll(plain, { i: "int" })).length).toBe(5000);
  // The codec of a column chunk is one zigzag byte of the footer, field 4 behind the path "i".
  const codec = bytes.lastIndexOf(Buffer.from([0x01, 0x69, 0x15, 0x04]));
  expect(codec).toBeGreaterThan(0);
  bytes[codec + 3] = 0x02;
  await expect(readAll(bytes, { i: "int" })).rejects.toMatchObject(damaged("column i"));
});

/** A small generator with a seed (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const MUTATIONS = Number(process.env["CAPI_FUZZ"] ?? 400);

test(
  "any change of bytes gives rows or a Fault",
  async () => {
    const random = generator(20_261_125);
    const small = whole.length;
    for (let round = 0; round < MUTATIONS; round++) {
      const bytes = whole.slice();
      for (let change = 0; change <= random(4); change++) {
        // Half of the changes hit the footer, where one byte means most.
        const at = random(2) === 0 ? random(small) : small - 1 - random(600);
        bytes[at] = random(256);
      }
      try {
        await readAll(bytes, COLUMNS);
      } catch (error) {
        if (!isFault(error) || error.code === "INTERNAL")
          throw new Error(`round ${round} broke the reader`, { cause: error });
      }
    }
  },
  60_000 + MUTATIONS * 20,
);
