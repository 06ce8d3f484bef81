import { addDecimals, divideDecimals, roundDecimal, type Decimal } from "#pkg/value";
import { doublesOf } from "../columns/doubles.ts";
import type { Operand } from "../columns/operand.ts";
import { packOperand } from "../columns/pack-operand.ts";
import { rowReader } from "../columns/read-operand.ts";
import { grownDoubles, type Feed, type State } from "./state.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Sums and averages share exact running totals; averages count as well. */
abstract class Totals implements State {
  protected doubles: Float64Array;
  protected readonly average: boolean;
  protected counts: Float64Array;

  constructor(groups: number, average: boolean) {
    this.doubles = new Float64Array(groups);
    this.counts = new Float64Array(average ? groups : 0);
    this.average = average;
  }

  grow(groups: number): void {
    this.doubles = grownDoubles(this.doubles, groups, 0);
    if (this.average) this.counts = grownDoubles(this.counts, groups, 0);
  }

  add(feed: Feed): void {
    if (this.average) {
      const { counts } = this;
      for (let row = 0; row < feed.rows; row += 1) {
        const group = feed.groups[row] as number;
        counts[group] = (counts[group] as number) + 1;
      }
    }
    this.addValues(feed);
  }

  protected abstract addValues(feed: Feed): void;
  abstract results(): Operand;
}

/** Doubles while every total is a safe integer; answers the first row that was not added. */
function addSafely(totals: Float64Array, feed: Feed, values: Float64Array, step: number): number {
  const { groups, rows } = feed;
  for (let row = 0; row < rows; row += 1) {
    const group = groups[row] as number;
    const total = (totals[group] as number) + (values[row & step] as number);
    if (total > MAX || total < -MAX) return row;
    totals[group] = total;
  }
  return rows;
}

/** Exact totals of any size; a sum wraps to 64 bits at the end, which is the same as wrapping at every step. */
export class IntTotals extends Totals {
  #exact: bigint[] | undefined;

  override grow(groups: number): void {
    super.grow(groups);
    if (this.#exact !== undefined) {
      while (this.#exact.length < groups) this.#exact.push(0n);
    }
  }

  protected addValues(feed: Feed): void {
    const doubles = this.#exact === undefined ? doublesOf("int", feed.value) : undefined;
    const from =
      doubles === undefined ? 0 : addSafely(this.doubles, feed, doubles.values, doubles.step);
    if (from === feed.rows) return;
    this.#exact ??= Array.from(this.doubles, BigInt);
    const read = rowReader(feed.value);
    for (let row = from; row < feed.rows; row += 1) {
      const group = feed.groups[row] as number;
      this.#exact[group] = (this.#exact[group] as bigint) + (read(row) as bigint);
    }
  }

  results(): Operand {
    const { counts } = this;
    if (this.#exact !== undefined) {
      const totals = this.#exact;
      const values = this.average
        ? totals.map((total, group) => floorDivide(total, BigInt(counts[group] || 1)))
        : totals.map((total) => BigInt.asIntN(64, total));
      return packOperand("int", values);
    }
    if (!this.average) return { form: "ints", values: this.doubles };
    const values = this.doubles.map((total, group) => Math.floor(total / (counts[group] || 1)));
    return { form: "ints", values };
  }
}

function floorDivide(total: bigint, count: bigint): bigint {
  const quotient = total / count;
  return total < 0n && quotient * count !== total ? quotient - 1n : quotient;
}

/** Plain sums from left to right. */
export class FloatTotals extends Totals {
  protected addValues({ groups, rows, value }: Feed): void {
    const { doubles } = this;
    const read = doublesOf("float", value);
    const { values, step } = read as { values: Float64Array; step: number };
    for (let row = 0; row < rows; row += 1) {
      const group = groups[row] as number;
      doubles[group] = (doubles[group] as number) + (values[row & step] as number);
    }
  }

  results(): Operand {
    const { counts } = this;
    if (!this.average) return { form: "floats", values: this.doubles };
    return { form: "floats", values: this.doubles.map((total, at) => total / (counts[at] || 1)) };
  }
}

const ZERO: Decimal = { digits: 0n, scale: 0 };

/** Hundredths while they are safe integers, else exact decimals of any size. */
export class DecimalTotals extends Totals {
  #exact: Decimal[] | undefined;

  override grow(groups: number): void {
    super.grow(groups);
    if (this.#exact !== undefined) {
      while (this.#exact.length < groups) this.#exact.push(ZERO);
    }
  }

  protected addValues(feed: Feed): void {
    const doubles = this.#exact === undefined ? doublesOf("decimal2", feed.value) : undefined;
    const from =
      doubles?.scale === 2 ? addSafely(this.doubles, feed, doubles.values, doubles.step) : 0;
    if (from === feed.rows) return;
    this.#exact ??= Array.from(this.doubles, (cents) => ({ digits: BigInt(cents), scale: 2 }));
    const read = rowReader(feed.value);
    for (let row = from; row < feed.rows; row += 1) {
      const group = feed.groups[row] as number;
      this.#exact[group] = addDecimals(this.#exact[group] as Decimal, read(row) as Decimal);
    }
  }

  results(): Operand {
    const { counts } = this;
    if (this.#exact !== undefined) {
      const totals = this.#exact;
      if (!this.average) return { form: "boxed", values: totals };
      const values = totals.map((total, group) => averageOf(total, counts[group] || 1));
      return { form: "boxed", values };
    }
    const values = this.average
      ? this.doubles.map((total, group) => roundedQuotient(total, counts[group] || 1))
      : this.doubles;
    return { form: "scaled", values, scale: 2 };
  }
}

/** 16 digits, then two. */
function averageOf(total: Decimal, count: number): Decimal {
  const quotient = divideDecimals(total, { digits: BigInt(count), scale: 0 }) as Decimal;
  return roundDecimal(quotient, 2);
}

/**
 * Half away from zero. Rounding to 16 digits first cannot matter: a quotient that is not a tie is at least
 * 1 / (2 count) hundredths away from one.
 */
function roundedQuotient(total: number, count: number): number {
  const size = Math.abs(total);
  const rest = size % count;
  const whole = (size - rest) / count + (rest * 2 >= count ? 1 : 0);
  return total < 0 ? 0 - whole : whole;
}
