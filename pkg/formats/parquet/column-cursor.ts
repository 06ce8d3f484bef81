import type { ColumnMetaData } from "hyparquet";
import { Fault, isFault } from "#pkg/fault";
import {
  concatColumns,
  concatVectors,
  constantColumn,
  gatherVector,
  isExact,
  sliceVector,
  vectorRows,
  type Column,
  type StringColumn,
  type Vector,
} from "#pkg/rowset";
import { defaultValue } from "#pkg/value";
import type { CellKind, Leaf } from "./leaves.ts";
import { PageReader, type RawPage } from "./page-reader.ts";
import { dictionaryValues, pageContent, type PageContent, type Physical } from "./page-values.ts";
import { damaged, decoding, type ParquetPlace, type SizedFile } from "./place.ts";
import { toVector } from "./to-vector.ts";

export interface ColumnSource {
  readonly file: SizedFile;
  readonly place: ParquetPlace;
  readonly leaf: Leaf & { readonly kind: CellKind };
  readonly chunk: ColumnMetaData;
  readonly readAhead: number;
  /** Rows of the file before this row group, for messages. */
  readonly firstRow: number;
}

/**
 * The cells of one column of one row group in order, page by page. Empty cells become the default of the type (spec/script.md 11.2).
 * Memory: the dictionary and the pages of the rows that are asked for at once.
 */
export class ColumnCursor {
  readonly #source: ColumnSource;
  readonly #pages: PageReader;
  /** Entries of the dictionary, the default of the type behind them. */
  #dictionary: Vector | undefined;
  #page: Vector | undefined;
  #at = 0;
  #row: number;

  constructor(source: ColumnSource) {
    this.#source = source;
    this.#row = source.firstRow;
    this.#pages = new PageReader(source.file, source.chunk, source.place, source.readAhead);
  }

  /** Exactly the next `rows` rows. */
  async take(rows: number): Promise<Vector> {
    const parts: Vector[] = [];
    for (let missing = rows; missing > 0;) {
      const page = await this.#current();
      const count = Math.min(missing, vectorRows(page) - this.#at);
      parts.push(sliceVector(page, this.#at, this.#at + count));
      this.#at += count;
      missing -= count;
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1
      ? only
      : concatVectors(this.#source.leaf.kind.type, parts);
  }

  /** A page with rows that have not been taken. */
  async #current(): Promise<Vector> {
    while (this.#page === undefined || this.#at >= vectorRows(this.#page)) {
      if (this.#page !== undefined) this.#row += vectorRows(this.#page);
      const raw = await this.#pages.next();
      if (raw === undefined)
        throw damaged(
          this.#source.place,
          `column ${this.#source.leaf.name} has fewer rows than its row group`,
        );
      this.#page = this.#read(raw);
      this.#at = 0;
    }
    return this.#page;
  }

  #read(raw: RawPage): Vector | undefined {
    const { place, leaf, chunk } = this.#source;
    const column = { element: leaf.element, chunk };
    if (raw.header.type === "DICTIONARY_PAGE") {
      const values = decoding(place, this.#what, () => dictionaryValues(raw, column));
      this.#dictionary = withDefault(leaf.kind, this.#vector(values, undefined));
      return undefined;
    }
    if (raw.header.type === "INDEX_PAGE") return undefined;
    const content = decoding(place, this.#what, () => pageContent(raw, column));
    const { values } = content;
    return values.kind === "codes"
      ? decoding(place, this.#what, () => this.#coded(content, values.codes))
      : spread(leaf.kind, this.#vector(values.values, content), content.present);
  }

  get #what(): string {
    return `column ${this.#source.leaf.name}`;
  }

  /** A value that does not fit is named by its row, unless a dictionary holds it for many. */
  #vector(values: Physical, page: PageContent | undefined): Vector {
    const { place, leaf } = this.#source;
    try {
      return toVector(leaf.kind, values);
    } catch (error) {
      if (!isFault(error)) throw error;
      const entry = Number(error.facts["entry"]);
      const row = page === undefined ? undefined : this.#row + rowOf(page.present, entry) + 1;
      const where = row === undefined ? place.url : `${place.url} row ${row}`;
      throw new Fault(error.code, `${where}, column ${leaf.name}: ${error.message}`, {
        facts: { node: place.node, file: place.url, column: leaf.name, row },
        cause: error,
      });
    }
  }

  #coded({ rows, present }: PageContent, codes: Int32Array): Vector {
    const dictionary = this.#dictionary;
    if (dictionary === undefined) throw new RangeError("it has codes but no dictionary");
    const entries = vectorRows(dictionary) - 1;
    for (const code of codes)
      if (code < 0 || code >= entries)
        throw new RangeError("it names an entry that its dictionary lacks");
    const all = present === undefined ? codes : spreadCodes(codes, present, rows, entries);
    return dictionary.type === "string"
      ? { ...dictionary, codes: all }
      : gatherVector(dictionary, all);
  }
}

/** Row of the nth value that is there. */
function rowOf(present: Uint8Array | undefined, entry: number): number {
  if (present === undefined) return entry;
  let row = -1;
  for (let seen = -1; seen < entry;) seen += present[++row] as number;
  return row;
}

function spreadCodes(
  codes: Int32Array,
  present: Uint8Array,
  rows: number,
  absent: number,
): Int32Array {
  const all = new Int32Array(rows);
  for (let row = 0, next = 0; row < rows; row++)
    all[row] = present[row] === 1 ? (codes[next++] as number) : absent;
  return all;
}

const defaultOf = ({ type }: CellKind): Column => constantColumn(type, defaultValue(type), 1);

/** Plain texts, so that entries can be named by code; the default is the last entry. */
function withDefault(kind: CellKind, vector: Vector): Vector {
  if (isExact(vector)) return concatVectors(kind.type, [vector, defaultOf(kind)]);
  if (vector.type !== "string") return concatColumns(kind.type, [vector, defaultOf(kind)]);
  const { offsets, bytes } = vector;
  const extended = new Int32Array(offsets.length + 1);
  extended.set(offsets);
  extended[offsets.length] = offsets.at(-1) as number;
  return { type: "string", codes: undefined, offsets: extended, bytes } satisfies StringColumn;
}

function spread(kind: CellKind, vector: Vector, present: Uint8Array | undefined): Vector {
  if (present === undefined) return vector;
  const absent = vectorRows(vector);
  const positions = new Int32Array(present.length);
  for (let row = 0, next = 0; row < positions.length; row++)
    positions[row] = present[row] === 1 ? next++ : absent;
  return gatherVector(withDefault(kind, vector), positions);
}
