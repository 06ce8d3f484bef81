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
