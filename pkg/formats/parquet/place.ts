import { Fault } from "#pkg/fault";
import type { CsvPlace, ReadableFile } from "#pkg/formats";

/** Parquet is read from its end, so its size must be known and any position readable. */
export interface SizedFile extends ReadableFile {
  readonly size: number;
}

export type ParquetPlace = CsvPlace;

/** What the file holds contradicts the format, or itself. */
export const damaged = (place: ParquetPlace, why: string, cause?: unknown): Fault =>
  new Fault("FILE_DAMAGED", `${place.url} is not a readable Parquet file: ${why}`, {
    facts: { node: place.node, file: place.url },
    ...(cause === undefined ? {} : { cause }),
  });

/** Runs library code on bytes of the file; whatever it throws but a Fault means that the bytes are wrong. */
export function decoding<T>(place: ParquetPlace, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(place, `${what}: ${reason}`, error);
  }
}

/** Exactly these bytes of the file. */
export async function readExactly(
  file: ReadableFile,
  position: number,
  length: number,
  place: ParquetPlace,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const read = await file.read(bytes, position);
  if (read !== length) throw damaged(place, `it ends at byte ${position + read}`);
  return bytes;
}
