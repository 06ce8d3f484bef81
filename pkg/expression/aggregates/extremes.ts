import { compareDecimals, type Decimal } from "#pkg/value";
import { doublesOf } from "../columns/doubles.ts";
import type { Operand } from "../columns/operand.ts";
import { packOperand } from "../columns/pack-operand.ts";
import { rowReader } from "../columns/read-operand.ts";
import { grownDoubles, type Feed, type State } from "./state.ts";

/** 1 for the least, -1 for the greatest value: multiplied with it, both are a search for the least. */
export type Direction = 1 | -1;

/** Values not below the start never count: single-precision limit for the greatest (Q11). */
const FLOAT_START = { least: Number.MAX_VALUE, greatest: -3.4028234663852886e38 };
const DECIMAL_START = 34_028_235n * 10n ** 31n;

function searchDoubles(
  best: Float64Array,
  direction: Direction,
  feed: Feed,
  from: { values: Float64Array; step: number },
): void {
  const { groups, rows } = feed;
  const { values, step } = from;
  for (let row = 0; row < rows; row += 1) {
    const group = groups[row] as number;
    const value = values[row & step] as number;
    const current = best[group] as number;
    if (direction === 1 ? value < current : value > current) best[group] = value;
  }
}

export class FloatExtreme implements State {
  #best: Float64Array;
  readonly #direction: Direction;
  readonly #start: number;

  constructor(groups: number, direction: Direction) {
    this.#direction = direction;
    this.#start = direction === 1 ? FLOAT_START.least : FLOAT_START.greatest;
    this.#best = new Float64Array(groups).fill(this.#start);
  }

  grow(groups: number): void {
    this.#best = grownDoubles(this.#best, groups, this.#start);
  }

  add(feed: Feed): void {
    const doubles = doublesOf("float", feed.value) as { values: Float64Array; step: number };
    searchDoubles(this.#best, this.#direction, feed, doubles);
  }

  results(): Operand {
    return { form: "floats", values: this.#best };
  }
}

/** How ints and decimals differ once doubles do not hold them. */
interface Exactness<Item> {
  readonly kind: "int" | "decimal2";
  readonly scale: number;
  readonly start: Item;
  readonly fromDouble: (value: number) => Item;
  readonly compare: (left: Item, right: Item) => number;
}

/** Doubles start at infinity, which no safe integer reaches; exact values at the start the reference has. */
class ExactExtreme<Item extends bigint | Decimal> implements State {
  #doubles: Float64Array;
  #exact: Item[] | undefined;
  readonly #direction: Direction;
  readonly #exactness: Exactness<Item>;

  constructor(groups: number, direction: Direction, exactness: Exactness<Item>) {
    this.#direction = direction;
    this.#exactness = exactness;
    this.#doubles = new Float64Array(groups).fill(direction * Infinity);
  }

  grow(groups: number): void {
    this.#doubles = grownDoubles(this.#doubles, groups, this.#direction * Infinity);
    if (this.#exact === undefined) return;
    while (this.#exact.length < groups) this.#exact.push(this.#exactness.start);
  }

  add(feed: Feed): void {
    const { kind, scale } = this.#exactness;
    const doubles = this.#exact === undefined ? doublesOf(kind, feed.value) : undefined;
    if (doubles?.scale === scale) searchDoubles(this.#doubles, this.#direction, feed, doubles);
    else this.#addExact(feed);
  }

  #addExact({ groups, rows, value }: Feed): void {
    const { start, fromDouble, compare } = this.#exactness;
    this.#exact ??= Array.from(this.#doubles, (double) =>
      Number.isFinite(double) ? fromDouble(double) : start,
    );
    const read = rowReader(value);
    for (let row = 0; row < rows; row += 1) {
      const group = groups[row] as number;
      const item = read(row) as Item;
      const isNearer = compare(item, this.#exact[group] as Item) * this.#direction < 0;
      if (isNearer) this.#exact[group] = item;
    }
  }

  results(): Operand {
    const { kind, scale } = this.#exactness;
    if (this.#exact !== undefined) return packOperand(kind, this.#exact);
    const values = this.#doubles.map((value) => (Number.isFinite(value) ? value : 0));
    return kind === "int" ? { form: "ints", values } : { form: "scaled", values, scale };
  }
}

export function intExtreme(groups: number, direction: Direction): State {
  return new ExactExtreme<bigint>(groups, direction, {
    kind: "int",
    scale: 0,
    start: direction === 1 ? 2n ** 63n - 1n : -(2n ** 63n),
    fromDouble: BigInt,
    compare: (left, right) => (left < right ? -1 : Number(left > right)),
  });
}

export function decimalExtreme(groups: number, direction: Direction): State {
  return new ExactExtreme<Decimal>(groups, direction, {
    kind: "decimal2",
    scale: 2,
    start: { digits: DECIMAL_START * BigInt(direction), scale: 0 },
    fromDouble: (cents) => ({ digits: BigInt(cents), scale: 2 }),
    compare: compareDecimals,
  });
}
