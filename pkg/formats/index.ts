export type { CsvPlace } from "./csv-faults.ts";
export { csvEncoder } from "./csv-encoder.ts";
export { scanCsvRanges } from "./csv-ranges.ts";
export { readCsv, type CsvReadOptions } from "./read-csv.ts";
export type {
  BadRecord,
  BadRecords,
  CsvBlock,
  CsvRange,
  CsvReader,
  CsvReaderColumn,
  CsvWriter,
  CsvWriterColumn,
  ReadableFile,
  RowEncoder,
} from "./types.ts";
export { encodeText, type Charset } from "./charset.ts";
export { ndjsonEncoder, type NdjsonWriter, type NdjsonWriterColumn } from "./ndjson-encoder.ts";
export {
  readNdjson,
  scanNdjsonRanges,
  type NdjsonRange,
  type NdjsonReader,
  type NdjsonReadOptions,
} from "./read-ndjson.ts";
export { openText, type TextInput, type TextOptions } from "./text-input.ts";
export { packedOutput } from "./packed-output.ts";
export { memoryFile } from "./memory-file.ts";
