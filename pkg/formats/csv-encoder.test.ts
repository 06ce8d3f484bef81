import * as fc from "fast-check";
import { expect, test } from "vitest";
import { valueAt, vectorFrom, type Vector } from "#pkg/rowset";
import {
  compileCellWriter,
  compileLayout,
  dateTimeFromMs,
  type DateTime,
  type FieldType,
  type Value,
} from "#pkg/value";
import {
  csvEncoder,
  readCsv,
  type CsvReader,
  type CsvWriter,
  type CsvWriterColumn,
} from "./index.ts";
import { memoryFile } from "./memory-file.ts";

const decode = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes);

const columnOf = (type: FieldType, format: string, header = "h"): CsvWriterColumn => ({
  type,
  format,
  header,
});

const writerOf = (
  columns: readonly CsvWriterColumn[],
  separator = ",",
  dialect: CsvWriter["dialect"] = "rfc4180",
): CsvWriter => ({
  separator,
  dialect,
  columns,
});

const strings = (...texts: string[]): Vector => vectorFrom("string", texts);

/** The quoting rule, on text. */
function slowCell(text: string, { separator, dialect }: CsvWriter): string {
  if (dialect === "capillaries") return text.includes(",") ? `"${text}"` : text;
  const special = [",", separator, '"', "\r", "\n"].some((part) => text.includes(part));
  return special ? `"${text.replaceAll('"', '""')}"` : text;
}

const cents = fc.bigInt(-(10n ** 19n), 10n ** 19n);
const instants = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
      fc.integer({ min: -1e15, max: 1e15 }),
    ),
    fc.constantFrom(0n, 0n, 123_456n),
  )
  .map(([ms, ns]): DateTime => ({ ns: dateTimeFromMs(ms).ns + ns, offset: 0, zone: "UTC" }));

const VALUES: Readonly<Record<FieldType, fc.Arbitrary<Value>>> = {
  int: fc.oneof(
    fc.integer().map(BigInt),
    fc.maxSafeInteger().map(BigInt),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  ),
  float: fc.oneof(
    fc.double(),
    fc.double({ min: -1e6, max: 1e6 }),
    fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000),
    fc.constantFrom(0.125, -0.125, -0, 2.675, 0.5, 1.5, -0.001, 1e20, 1e-5),
  ),
  decimal2: fc.oneof(
    fc.integer({ min: -1000, max: 1000 }).map((n) => ({ digits: BigInt(n), scale: 2 })),
    cents.map((digits) => ({ digits, scale: 2 })),
    cents.map((digits) => ({ digits, scale: 3 })),
  ),
  string: fc.oneof(
    fc
      .array(fc.constantFrom("a", ",", ";", '"', "\n", "\r", "é", "|", " "), { maxLength: 6 })
      .map((parts) => parts.join("")),
    fc.string({ unit: "grapheme" }),
    fc.constant("long text ".repeat(12)),
  ),
  bool: fc.boolean(),
  datetime: instants,
};

const FORMATS: Readonly<Record<FieldType, readonly string[]>> = {
  int: ["%d", "%v", "%05d", "%x", "%d,%%", "%s"],
  float: ["%f", "%.2f", "%.0f", "%.8f", "%.9f", "%8.3f", "%v", "%g", "%e", "%d"],
  decimal2: ["%s", "%v", "%10s", "%f", "%-9s|"],
  string: ["%s", "%v", "%10s", "%q", "%x", ""],
  bool: ["%t", "%v", "%s", "%6v"],
  datetime: [
    "2006-01-02 15:04:05",
    "2006-01-02",
    "02.01.2006 15:04:05.000",
    "2006-01-02T15:04:05.000000",
    "Jan _2 06",
    "",
    "2006,01",
    "15:04",
  ],
};

const cases = (Object.keys(FORMATS) as FieldType[]).flatMap((type) =>
  FORMATS[type].map((format) => ({ type, format })),
);

test.each(cases)(
  "$type with $format is written as the cell writer says, in quotes where needed",
  ({ type, format }) => {
    const cell = compileCellWriter(type, format);
    const settings = fc.record({
      separator: fc.constantFrom(",", ";", "||", "-", "2", "."),
      dialect: fc.constantFrom("rfc4180" as const, "capillaries" as const),
    });
    fc.assert(
      fc.property(
        fc.array(VALUES[type], { maxLength: 12 }),
        settings,
        ({ length, ...values }, { separator, dialect }) => {
          const list = Array.from({ length }, (_, i) => values[i] as Value);
          const writer = writerOf(
            [columnOf(type, format), columnOf("int", "%d")],
            separator,
            dialect,
          );
          const vector = vectorFrom(type, list);
          const numbers = vectorFrom(
            "int",
            list.map((_, i) => BigInt(i)),
          );
          const expected = list.map((_, i) => {
            const texts = [cell(valueAt(vector, i)), String(i)];
            return `${texts.map((text) => slowCell(text, writer)).join(separator)}\n`;
          });
          expect(decode(csvEncoder(writer).rows([vector, numbers], list.length))).toBe(
            expected.join(""),
          );
        },
      ),
    );
  },
);

test("values are quoted for a comma, the separator, quotes and line ends, and quotes are doubled", () => {
  const writer = writerOf([columnOf("string", "%s", "a b"), columnOf("string", "%s", "c;d")], ";");
  const encoder = csvEncoder(writer);
  expect(decode(encoder.header())).toBe('a b;"c;d"\n');
  const rows = encoder.rows([strings("a,b", 'q"q', "x\r", ""), strings("p;q", "l\nm", "", "ü")], 4);
  expect(decode(rows)).toBe('"a,b";"p;q"\n"q""q";"l\nm"\n"x\r";\n;ü\n');
});

test("dialect capillaries: CR LF behind the header, LF behind rows, quotes for commas only and never doubled", () => {
  const encoder = csvEncoder(
    writerOf([columnOf("string", "%s", "a,b"), columnOf("string", "%s", "c")], "\t", "capillaries"),
  );
  expect(decode(encoder.header())).toBe('"a,b"\tc\r\n');
  expect(decode(encoder.rows([strings("b,b", 'q"q'), strings('x",y', "n\nm")], 2))).toBe(
    '"b,b"\t"x",y"\nq"q\tn\nm\n',
  );
});

test("a single empty cell is written as quotes, because a blank line is no record", () => {
  const encoder = csvEncoder(writerOf([columnOf("string", "%s", "")]));
  expect(decode(encoder.header())).toBe('""\n');
  expect(decode(encoder.rows([strings("", "a")], 2))).toBe('""\na\n');
});

test("zero rows are zero bytes", () => {
  expect(
    csvEncoder(writerOf([columnOf("int", "%d")])).rows([vectorFrom("int", [])], 0),
  ).toHaveLength(0);
});

test("a vector without a dictionary is written like one with", () => {
  const bytes = new TextEncoder().encode('a,b"c');
  const plain: Vector = {
    type: "string",
    codes: undefined,
    offsets: Int32Array.of(0, 3, 5),
    bytes,
  };
  const coded: Vector = { ...plain, codes: Int32Array.of(0, 1) };
  const encoder = csvEncoder(writerOf([columnOf("string", "%s")]));
  expect(decode(encoder.rows([plain], 2))).toBe('"a,b"\n"""c"\n');
  expect(decode(encoder.rows([coded], 2))).toBe('"a,b"\n"""c"\n');
});

const TYPES: readonly {
  readonly type: FieldType;
  readonly write: string;
  readonly read: string;
}[] = [
  { type: "string", write: "%s", read: "" },
  { type: "int", write: "%d", read: "" },
  { type: "decimal2", write: "%s", read: "" },
  { type: "bool", write: "%t", read: "" },
  { type: "datetime", write: "2006-01-02T15:04:05.000", read: "2006-01-02T15:04:05.000" },
];

const STORED: Readonly<Partial<Record<FieldType, fc.Arbitrary<Value>>>> = {
  decimal2: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((digits) => ({ digits, scale: 2 })),
  datetime: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }).map(dateTimeFromMs),
  string: fc
    .array(fc.constantFrom("a", ",", ";", '"', "\n", "\r", "\uFEFF", " ", "é"), { maxLength: 5 })
    .map((parts) => parts.join("").replaceAll(/\r+\n/g, "\n")),
};

const text = (type: FieldType, value: Value): string =>
  type === "datetime"
    ? compileLayout("2006-01-02T15:04:05.000").format(value as DateTime)
    : JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v));

test("read(write(rows)) = rows", async () => {
  const table = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 5 }).chain((types) =>
    fc.record({
      types: fc.constant(types),
      separator: fc.constantFrom(",", ";", "\t"),
      rows: fc.array(fc.tuple(...types.map(({ type }) => STORED[type] ?? VALUES[type])), {
        maxLength: 8,
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(table, async ({ types, separator, rows }) => {
      const writer = writerOf(
        types.map(({ type, write }, i) => columnOf(type, write, `h${i}`)),
        separator,
      );
      const encoder = csvEncoder(writer);
      const vectors = types.map(({ type }, i) =>
        vectorFrom(
          type,
          rows.map((row) => row[i] as Value),
        ),
      );
      const file = new Uint8Array([...encoder.header(), ...encoder.rows(vectors, rows.length)]);
      const reader: CsvReader = {
        separator,
        headerIndex: 0,
        firstDataIndex: 1,
        byHeader: true,
        columns: types.map(({ type, read }, i) => ({
          name: `h${i}`,
          type,
          header: `h${i}`,
          index: 0,
          format: read,
          defaultText: "",
        })),
      };
      const found: string[][] = [];
      for await (const block of readCsv({
        file: memoryFile(file),
        url: "x.csv",
        node: "n",
        reader,
      })) {
        for (let row = 0; row < block.rows; row++) {
          found.push(
            types.map(({ type }, i) =>
              text(type, valueAt(block.columns.get(`h${i}`) as Vector, row)),
            ),
          );
        }
      }
      const wanted =
        vectors.length === 0
          ? []
          : rows.map((_, row) =>
              types.map(({ type }, i) => text(type, valueAt(vectors[i] as Vector, row))),
            );
      expect(found).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});
