import { CR, LF, QUOTE } from "./bytes.ts";
import { separatorFault, type CsvPlace } from "./csv-faults.ts";
import type { CsvReader } from "./types.ts";

/** The byte between cells; throws for one that cannot be told from quotes and line ends. */
export function separatorOf(reader: Pick<CsvReader, "separator">, place: CsvPlace): number {
  const byte = reader.separator.charCodeAt(0);
  if (!(byte < 128) || byte === QUOTE || byte === CR || byte === LF)
    throw separatorFault(place, reader.separator);
  return byte;
}
