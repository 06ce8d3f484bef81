import { csvEncoder, ndjsonEncoder, type RowEncoder } from "#pkg/formats";
import type { FileWriter } from "#pkg/script";

/** The encoder of the format of a writer; Parquet code is loaded by the first node that needs it. */
export async function outputEncoder(writer: FileWriter): Promise<RowEncoder> {
  if (writer.format === "csv") return csvEncoder(writer);
  if (writer.format === "ndjson") return ndjsonEncoder(writer);
  const { parquetEncoder } = await import("#pkg/formats/parquet");
  return parquetEncoder(writer);
}
