export { csvEncoder, type CsvEncoder } from "./csv-encoder.ts";
export { scanCsvRanges } from "./csv-ranges.ts";
export { readCsv, type CsvReadOptions } from "./read-csv.ts";
export type {
  CsvBlock,
  CsvRange,
  CsvReader,
  CsvReaderColumn,
  CsvWriter,
  CsvWriterColumn,
  ReadableFile,
} from "./types.ts";
