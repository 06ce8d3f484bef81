export { parquetEncoder, type ParquetWriter, type ParquetWriterColumn } from "./parquet-encoder.ts";
export type { BadCell, ParquetBlock } from "./bad-cells.ts";
export {
  parquetColumns,
  parquetRanges,
  readParquet,
  type ParquetRange,
  type ParquetReader,
  type ParquetReaderColumn,
  type ParquetReadOptions,
} from "./read-parquet.ts";
export type { SizedFile } from "./place.ts";
