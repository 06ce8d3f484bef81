const DIGIT_BITS = 11;
const BUCKETS = 2 ** DIGIT_BITS;
const SHIFTS = [0, DIGIT_BITS, 2 * DIGIT_BITS] as const;
const SIGN = 0x80000000;

/** 64 bits a number, as low and high words whose unsigned order is the order of the numbers. */
interface SortableBits {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

function sortableBits(keys: Float64Array): SortableBits {
  const low = new Uint32Array(keys.length);
  const high = new Uint32Array(keys.length);
  const one = new Float64Array(1);
  const words = new Int32Array(one.buffer);
  for (let item = 0; item < keys.length; item++) {
    // Adding 0 makes -0 to 0.
    one[0] = (keys[item] as number) + 0;
    const top = words[1] as number;
    const flip = top >> 31;
    low[item] = (words[0] as number) ^ flip;
    high[item] = top ^ (flip | SIGN);
  }
  return { low, high };
}

/** One stable pass of a radix sort over one digit; the order itself when all items have the same digit. */
function sortByDigit(order: Int32Array, words: Uint32Array, shift: number): Int32Array {
  const places = new Int32Array(BUCKETS + 1);
  for (let item = 0; item < words.length; item++) {
    const next = (((words[item] as number) >>> shift) & (BUCKETS - 1)) + 1;
    places[next] = (places[next] as number) + 1;
  }
  const firstDigit = ((words[0] as number) >>> shift) & (BUCKETS - 1);
  if (places[firstDigit + 1] === words.length) return order;
  for (let bucket = 1; bucket <= BUCKETS; bucket++) {
    places[bucket] = (places[bucket] as number) + (places[bucket - 1] as number);
  }
  const sorted = new Int32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    const item = order[at] as number;
    const digit = ((words[item] as number) >>> shift) & (BUCKETS - 1);
    const place = places[digit] as number;
    sorted[place] = item;
    places[digit] = place + 1;
  }
  return sorted;
}

const ascending = (count: number): Int32Array => {
  const order = new Int32Array(count);
  for (let item = 0; item < count; item++) order[item] = item;
  return order;
};

/**
 * Items 0 up to count in ascending order of the first keys, then of the second ones and so on, then by number. Linear
 * time. Keys hold no NaN; -0 equals 0.
 */
export function sortByNumbers(keys: readonly Float64Array[], count: number): Int32Array {
  let order = ascending(count);
  if (count < 2) return order;
  for (const values of keys.toReversed()) {
    const { low, high } = sortableBits(values);
    for (const words of [low, high]) {
      for (const shift of SHIFTS) order = sortByDigit(order, words, shift);
    }
  }
  return order;
}
