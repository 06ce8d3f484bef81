import type { ColumnMetaData } from "hyparquet";
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
import { readValues, type BadValues } from "./bad-values.ts";

export interface ColumnSource {
  readonly file: SizedFile;
  readonly place: ParquetPlace;
  readonly leaf: Leaf & { readonly kind: CellKind };
  readonly chunk: ColumnMetaData;
  readonly readAhead: number;
}

/** Where a value that cannot be a cell stands; in the vector there is the default of its type. */
export interface BadPlace {
  /** Row of the rows that were taken at once. */
  readonly row: number;
  readonly entry: number;
  readonly values: BadValues;
}

interface Page {
  readonly vector: Vector;
  readonly bad: BadEntries | undefined;
}

/** Bad values of a page: by row the entry of `values`, -1 for good ones. */
interface BadEntries {
  readonly entries: Int32Array;
  readonly values: BadValues;
}

/**
 * The cells of one column of one row group in order, page by page. Empty cells become the default of the type (spec/script.md 11.2).
 * Memory: the dictionary and the pages of the rows that are asked for at once.
 */
export class ColumnCursor {
  readonly #source: ColumnSource;
  readonly #pages: PageReader;
  /** Entries of the dictionary, the default of the type behind them. */
  #dictionary: Page["vector"] | undefined;
  #badOfDictionary: BadValues | undefined;
  #page: Page | undefined;
  #at = 0;
  #bad: BadPlace[] = [];

  constructor(source: ColumnSource) {
    this.#source = source;
    this.#pages = new PageReader(source.file, source.chunk, source.place, source.readAhead);
  }

  /** Exactly the next `rows` rows. */
  async take(rows: number): Promise<Vector> {
    const parts: Vector[] = [];
    this.#bad = [];
    for (let missing = rows; missing > 0;) {
      const page = await this.#current();
      const count = Math.min(missing, vectorRows(page.vector) - this.#at);
      parts.push(sliceVector(page.vector, this.#at, this.#at + count));
      if (page.bad !== undefined) this.#note(page.bad, count, rows - missing);
      this.#at += count;
      missing -= count;
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1
      ? only
      : concatVectors(this.#source.leaf.kind.type, parts);
  }

  /** Those among the rows that were taken last, in row order. */
  get bad(): readonly BadPlace[] {
    return this.#bad;
  }

  #note({ entries, values }: BadEntries, count: number, row: number): void {
    for (let at = 0; at < count; at++) {
      const entry = entries[this.#at + at] as number;
      if (entry >= 0) this.#bad.push({ row: row + at, entry, values });
    }
  }

  /** A page with rows that have not been taken. */
  async #current(): Promise<Page> {
    while (this.#page === undefined || this.#at >= vectorRows(this.#page.vector)) {
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

  #read(raw: RawPage): Page | undefined {
    const { place, leaf, chunk } = this.#source;
    const column = { element: leaf.element, chunk };
    const what = `column ${leaf.name}`;
    if (raw.header.type === "DICTIONARY_PAGE") {
      const values = decoding(place, what, () => dictionaryValues(raw, column));
      const { vector, bad } = readValues(leaf.kind, values);
      this.#dictionary = withDefault(leaf.kind, vector);
      this.#badOfDictionary = bad;
      return undefined;
    }
    if (raw.header.type === "INDEX_PAGE") return undefined;
    const content = decoding(place, what, () => pageContent(raw, column));
    const { values } = content;
    return values.kind === "codes"
      ? decoding(place, what, () => this.#coded(content, values.codes))
      : plainPage(leaf.kind, values.values, content.present);
  }

  #coded({ rows, present }: PageContent, codes: Int32Array): Page {
    const dictionary = this.#dictionary;
    if (dictionary === undefined) throw new RangeError("it has codes but no dictionary");
    const entries = vectorRows(dictionary) - 1;
    for (const code of codes)
      if (code < 0 || code >= entries)
        throw new RangeError("it names an entry that its dictionary lacks");
    const all = present === undefined ? codes : spreadCodes(codes, present, rows, entries);
    const vector: Vector =
      dictionary.type === "string" ? { ...dictionary, codes: all } : gatherVector(dictionary, all);
    return { vector, bad: badAmong(all, this.#badOfDictionary) };
  }
}

function plainPage(kind: CellKind, values: Physical, present: Uint8Array | undefined): Page {
  const { vector, bad } = readValues(kind, values);
  if (present === undefined) {
    const every = Int32Array.from({ length: bad?.flags.length ?? 0 }, (_, entry) => entry);
    return { vector, bad: badAmong(every, bad) };
  }
  const absent = vectorRows(vector);
  const positions = new Int32Array(present.length);
  for (let row = 0, next = 0; row < positions.length; row++)
    positions[row] = present[row] === 1 ? next++ : absent;
  return {
    vector: gatherVector(withDefault(kind, vector), positions),
    bad: badAmong(positions, bad),
  };
}

/** `positions`: entry of each row. */
function badAmong(positions: Int32Array, values: BadValues | undefined): BadEntries | undefined {
  if (values === undefined) return undefined;
  const entries = positions.map((entry) => (values.flags[entry] === 1 ? entry : -1));
  return entries.some((entry) => entry >= 0) ? { entries, values } : undefined;
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
