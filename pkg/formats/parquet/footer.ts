import { parquetMetadata, type FileMetaData } from "hyparquet";
import { damaged, decoding, readExactly, type ParquetPlace, type SizedFile } from "./place.ts";

const MAGIC = "PAR1";
const ENCRYPTED = "PARE";
const TAIL_BYTES = 64 * 1024;
/** Magic in front; length and magic behind. */
const FRAME_BYTES = 12;
/** A footer of a million row groups with a hundred columns; more is taken for damage. */
const MAX_FOOTER = 256 * 1024 * 1024;

const latin1 = new TextDecoder("latin1");

/** The description at the end of the file; FILE_DAMAGED when there is none. */
export async function readFooter(file: SizedFile, place: ParquetPlace): Promise<FileMetaData> {
  if (file.size < FRAME_BYTES) throw damaged(place, `it has only ${file.size} bytes`);
  const head = await readExactly(file, 0, MAGIC.length, place);
  if (latin1.decode(head) !== MAGIC) throw damaged(place, `it does not begin with ${MAGIC}`);
  const tailLength = Math.min(file.size, TAIL_BYTES);
  let tail = await readExactly(file, file.size - tailLength, tailLength, place);
  const length = footerLength(tail, place);
  if (length > file.size - FRAME_BYTES || length > MAX_FOOTER)
    throw damaged(place, `its footer would have ${length} bytes`);
  if (length + 8 > tail.length)
    tail = await readExactly(file, file.size - length - 8, length + 8, place);
  const whole = tail;
  const metadata = decoding(place, "its footer", () =>
    parquetMetadata(whole, { geoparquet: false }),
  );
  checkGroups(metadata, file.size, place);
  return metadata;
}

function footerLength(tail: Uint8Array<ArrayBuffer>, place: ParquetPlace): number {
  const magic = latin1.decode(tail.subarray(tail.length - MAGIC.length));
  if (magic === ENCRYPTED) throw damaged(place, "its footer is encrypted");
  if (magic !== MAGIC) throw damaged(place, `it does not end with ${MAGIC}; it may be cut off`);
  return new DataView(tail.buffer).getUint32(tail.length - 8, true);
}

/** What later steps rely on: counts that are numbers, and chunks inside the file. */
function checkGroups(
  { row_groups, schema }: FileMetaData,
  size: number,
  place: ParquetPlace,
): void {
  if (schema.length === 0) throw damaged(place, "it has no schema");
  for (const group of row_groups) {
    if (Number(group.num_rows) < 0) throw damaged(place, "a row group has less than no rows");
    for (const { meta_data: chunk, file_path: path } of group.columns) {
      if (chunk === undefined || path !== undefined)
        throw damaged(place, "a column is kept outside of the file");
      const end = Number(chunk.data_page_offset) + Number(chunk.total_compressed_size);
      const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      if (!(start >= 0) || !(end >= 0) || start + Number(chunk.total_compressed_size) > size)
        throw damaged(place, "a column chunk lies outside of the file; it may be cut off");
    }
  }
}
