import { valueAt, type Integers, type StringColumn } from "#pkg/rowset";
import { compileCellWriter, type FieldType } from "#pkg/value";
import { ByteSink, putDigits } from "./byte-sink.ts";
import type { Quoting } from "./quoting.ts";
import { datetimeEncoder } from "./datetime-encoder.ts";
import type { CsvWriterColumn } from "./types.ts";
import type { CellEncoder, CellWriter } from "./cell-encoder.ts";

const MINUS = 45;
const POINT = 46;
const NUMERIC = "-0123456789.";
const LONGEST_NUMBER = 32;

/** Any value and format: through its text. */
function textEncoder({ type, format }: CsvWriterColumn, quoting: Quoting): CellEncoder {
  const write = compileCellWriter(type, format);
  return (vector, out) => (row) => quoting.writeText(out, write(valueAt(vector, row)));
}

const isDoubles = (values: Integers): values is Float64Array => values instanceof Float64Array;

/** `%d` of small integers; `general` writes the others. */
function intEncoder(general: CellEncoder): CellEncoder {
  return (vector, out) => {
    if (vector.type !== "int" || !isDoubles(vector.values)) return general(vector, out);
    const { values } = vector;
    return (row) => {
      out.need(LONGEST_NUMBER);
      let value = values[row] as number;
      if (value < 0) {
        out.bytes[out.at++] = MINUS;
        value = -value;
      }
      out.at = putDigits(out.bytes, out.at, value, 1);
    };
  };
}

function putHundredths(out: ByteSink, cents: number): void {
  out.need(LONGEST_NUMBER);
  let rest = cents;
  if (rest < 0) {
    out.bytes[out.at++] = MINUS;
    rest = -rest;
  }
  const whole = Math.floor(rest / 100);
  const at = putDigits(out.bytes, out.at, whole, 1);
  out.bytes[at] = POINT;
  out.at = putDigits(out.bytes, at + 1, rest - whole * 100, 2);
}

function decimalEncoder(general: CellEncoder): CellEncoder {
  return (vector, out) => {
    if (vector.type !== "decimal2" || "exact" in vector || !isDoubles(vector.values))
      return general(vector, out);
    const { values } = vector;
    return (row) => putHundredths(out, values[row] as number);
  };
}

/** Products below this are off by less than 0.001, so what is not near a half rounds for sure. */
const SURE_PRODUCT = 2 ** 40;

/** `%.Nf`, also `%f`: N digits after the point. */
function fixedEncoder(general: CellEncoder, digits: number): CellEncoder {
  const power = 10 ** digits;
  return (vector, out) => {
    if (vector.type !== "float") return general(vector, out);
    const { values } = vector;
    const exactly = general(vector, out);
    return (row) => {
      const value = values[row] as number;
      const product = Math.abs(value) * power;
      const nearest = Math.round(product);
      if (!(product < SURE_PRODUCT) || Math.abs(product - nearest) > 0.499) {
        exactly(row);
        return;
      }
      out.need(LONGEST_NUMBER);
      if (value < 0 || Object.is(value, -0)) out.bytes[out.at++] = MINUS;
      const whole = Math.floor(nearest / power);
      out.at = putDigits(out.bytes, out.at, whole, 1);
      if (digits > 0) {
        out.bytes[out.at] = POINT;
        out.at = putDigits(out.bytes, out.at + 1, nearest - whole * power, digits);
      }
    };
  };
}

/** Values whose texts are kept; more distinct ones than this are not worth it. */
const REMEMBERED = 8192;

/** Texts of doubles are kept by value: -0 and 0 are told apart by the general writer only once each. */
function rememberingEncoder(general: CellEncoder): CellEncoder {
  const known = new Map<number, Uint8Array>();
  return (vector, out) => {
    if ((vector.type !== "float" && vector.type !== "datetime") || "exact" in vector)
      return general(vector, out);
    const { values } = vector;
    const exactly = general(vector, out);
    return (row) => {
      const value = values[row] as number;
      const bytes = Object.is(value, -0) ? undefined : known.get(value);
      if (bytes !== undefined) {
        out.copy(bytes, 0, bytes.length);
        return;
      }
      const start = out.at;
      exactly(row);
      if (known.size < REMEMBERED && !Object.is(value, -0))
        known.set(value, out.bytes.slice(start, out.at));
    };
  };
}

/** Cells of a dictionary are made once an entry; `write` makes the cell of an entry. */
function codedWriter(
  codes: Int32Array,
  entries: number,
  out: ByteSink,
  write: (entry: number, to: ByteSink) => void,
): CellWriter {
  const made = new ByteSink(Math.max(1024, entries * 16));
  const starts = new Int32Array(entries).fill(-1);
  const ends = new Int32Array(entries);
  return (row) => {
    const code = codes[row] as number;
    if ((starts[code] as number) < 0) {
      starts[code] = made.at;
      write(code, made);
      ends[code] = made.at;
    }
    out.copy(made.bytes, starts[code] as number, ends[code] as number);
  };
}

function stringEncoder(column: CsvWriterColumn, quoting: Quoting): CellEncoder {
  const verbatim = column.format === "%s" || column.format === "%v";
  const writeText = compileCellWriter("string", column.format);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const entryWriter =
    ({ offsets, bytes }: StringColumn) =>
    (entry: number, to: ByteSink): void => {
      const from = offsets[entry] as number;
      const end = offsets[entry + 1] as number;
      if (verbatim) quoting.write(to, bytes, from, end);
      else quoting.writeText(to, writeText(decoder.decode(bytes.subarray(from, end))));
    };
  return (vector, out) => {
    const strings = vector as StringColumn;
    const write = entryWriter(strings);
    const { codes } = strings;
    if (codes === undefined) return (row) => write(row, out);
    return codedWriter(codes, strings.offsets.length - 1, out, write);
  };
}

function boolEncoder(general: CellEncoder): CellEncoder {
  return (vector, out) => {
    if (vector.type !== "bool") return general(vector, out);
    return codedWriter(new Int32Array(vector.values), 2, out, (entry, to) =>
      general({ type: "bool", values: Uint8Array.of(entry) }, to)(0),
    );
  };
}

const FIXED = /^%(?:\.([0-8]))?[fF]$/;

function floatEncoder(
  column: CsvWriterColumn,
  general: CellEncoder,
  numeric: boolean,
): CellEncoder {
  const fixed = FIXED.exec(column.format);
  if (fixed === null || !numeric) return rememberingEncoder(general);
  return fixedEncoder(rememberingEncoder(general), fixed[1] === undefined ? 6 : Number(fixed[1]));
}

interface Choice {
  readonly column: CsvWriterColumn;
  /** The way that is right for every value. */
  readonly general: CellEncoder;
  readonly quoting: Quoting;
  /** Numbers are never quoted. */
  readonly numeric: boolean;
}

const ENCODERS: Readonly<Record<FieldType, (choice: Choice) => CellEncoder>> = {
  int: ({ column: { format }, general, numeric }) =>
    numeric && (format === "%d" || format === "%v") ? intEncoder(general) : general,
  decimal2: ({ column: { format }, general, numeric }) =>
    numeric && (format === "%s" || format === "%v") ? decimalEncoder(general) : general,
  float: ({ column, general, numeric }) => floatEncoder(column, general, numeric),
  bool: ({ general }) => boolEncoder(general),
  datetime: ({ column, general, quoting }) =>
    datetimeEncoder(column.format, rememberingEncoder(general), quoting),
  string: ({ column, quoting }) => stringEncoder(column, quoting),
};

/** The fastest way to the cells of a column that gives the texts of its type and format. */
export function cellEncoder(column: CsvWriterColumn, quoting: Quoting): CellEncoder {
  const general = textEncoder(column, quoting);
  return ENCODERS[column.type]({ column, general, quoting, numeric: !quoting.mayQuote(NUMERIC) });
}
