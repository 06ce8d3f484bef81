import { compareUtf8 } from "#pkg/value";
import type { Operand, TextOperand } from "../columns/operand.ts";
import { packOperand } from "../columns/pack-operand.ts";
import { rowReader } from "../columns/read-operand.ts";
import type { Feed, State } from "./state.ts";

/** Distinct texts that are numbered by their order; with more of them texts are compared row by row. */
const MAX_RANKED = 8192;

/**
 * Plain byte order; an empty least text gives way to any text, so that empty texts are forgotten (Q10). Texts that come as codes
 * of a dictionary are compared as numbers while there are few of them.
 */
export class StringExtreme implements State {
  readonly #direction: 1 | -1;
  #search: RankedSearch | PlainSearch;

  constructor(groups: number, direction: 1 | -1) {
    this.#direction = direction;
    this.#search = new RankedSearch(groups, direction);
  }

  grow(groups: number): void {
    this.#search.grow(groups);
  }

  add(feed: Feed): void {
    if (this.#search instanceof RankedSearch) {
      if (this.#search.tryAdd(feed)) return;
      this.#search = new PlainSearch(this.#search.texts(), this.#direction);
    }
    this.#search.add(feed);
  }

  results(): Operand {
    return this.#search.results();
  }
}

/** Compares texts. */
class PlainSearch implements State {
  readonly #best: string[];
  readonly #direction: 1 | -1;

  constructor(best: string[], direction: 1 | -1) {
    this.#best = best;
    this.#direction = direction;
  }

  grow(groups: number): void {
    while (this.#best.length < groups) this.#best.push("");
  }

  add({ groups, rows, value }: Feed): void {
    const read = rowReader(value);
    for (let row = 0; row < rows; row += 1) {
      const group = groups[row] as number;
      const text = read(row) as string;
      const current = this.#best[group] as string;
      if (text !== current && this.#isBetter(text, current)) this.#best[group] = text;
    }
  }

  #isBetter(text: string, current: string): boolean {
    if (this.#direction === 1 && current === "") return true;
    return compareUtf8(text, current) * this.#direction < 0;
  }

  results(): Operand {
    return packOperand("string", this.#best);
  }
}

/** Compares places in the sorted list of the texts met so far: smaller is better, the empty text is the worst. */
class RankedSearch {
  readonly #direction: 1 | -1;
  /** Best first; the last one is the empty text, with which every group begins. */
  #texts: readonly string[] = [""];
  /** Place of the best text of each group. */
  #best: Int32Array;

  constructor(groups: number, direction: 1 | -1) {
    this.#direction = direction;
    this.#best = new Int32Array(groups);
  }

  grow(groups: number): void {
    const grown = new Int32Array(groups).fill(this.#texts.length - 1);
    grown.set(this.#best);
    this.#best = grown;
  }

  /** False when it cannot take the rows; nothing was added then. */
  tryAdd(feed: Feed): boolean {
    const { value, rows, groups } = feed;
    if (value.form !== "texts" || value.codes === undefined) return false;
    const used = usedEntries(value, value.codes, rows);
    const { texts: entries } = value;
    const texts = used.map((entry) => entries[entry] as string);
    if (this.#texts.length + used.length > MAX_RANKED || !this.#isOrdered(texts)) return false;
    this.#learn(texts);
    const places = new Map(this.#texts.map((text, place) => [text, place]));
    const placeOf = new Int32Array(entries.length);
    for (const entry of used) placeOf[entry] = places.get(entries[entry] as string) as number;
    keepSmallest(this.#best, { groups, codes: value.codes, placeOf }, rows);
    return true;
  }

  /** Whether the best text does not depend on the order of the rows, as it does with an empty text among the least. */
  #isOrdered(texts: readonly string[]): boolean {
    return this.#direction === -1 || !texts.includes("");
  }

  /** Takes new texts into the list; the places of the others move. */
  #learn(texts: readonly string[]): void {
    const known = new Set(this.#texts);
    const before = known.size;
    for (const text of texts) known.add(text);
    if (known.size === before) return;
    known.delete("");
    const sorted = [...known].sort((a, b) => compareUtf8(a, b) * this.#direction);
    sorted.push("");
    const places = new Map(sorted.map((text, place) => [text, place]));
    const moved = Int32Array.from(this.#texts, (text) => places.get(text) as number);
    for (let group = 0; group < this.#best.length; group += 1)
      this.#best[group] = moved[this.#best[group] as number] as number;
    this.#texts = sorted;
  }

  /** The best text of each group so far. */
  texts(): string[] {
    return Array.from(this.#best, (place) => this.#texts[place] as string);
  }

  results(): Operand {
    return { form: "texts", codes: this.#best, texts: this.#texts, column: undefined };
  }
}

/** Dictionary entries that some row uses, ascending. */
function usedEntries({ texts }: TextOperand, codes: Int32Array, rows: number): number[] {
  const isUsed = new Uint8Array(texts.length);
  for (let row = 0; row < rows; row += 1) isUsed[codes[row] as number] = 1;
  const used: number[] = [];
  for (let entry = 0; entry < isUsed.length; entry += 1) if (isUsed[entry] === 1) used.push(entry);
  return used;
}

interface PlacedRows {
  readonly groups: Int32Array;
  readonly codes: Int32Array;
  readonly placeOf: Int32Array;
}

function keepSmallest(
  best: Int32Array,
  { groups, codes, placeOf }: PlacedRows,
  rows: number,
): void {
  for (let row = 0; row < rows; row += 1) {
    const group = groups[row] as number;
    const place = placeOf[codes[row] as number] as number;
    if (place < (best[group] as number)) best[group] = place;
  }
}
