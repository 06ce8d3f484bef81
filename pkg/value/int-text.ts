const INT_TEXT = /^[+-]?[0-9]+$/;
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Whether an integer fits into 64 bits with a sign. */
export const isInt64 = (value: bigint): boolean => value >= MIN && value <= MAX;

/** Optional sign and decimal digits, 64-bit range; undefined otherwise (spec/expressions.md 5.3). */
export function parseInt64(text: string): bigint | undefined {
  if (!INT_TEXT.test(text)) return undefined;
  if (text.length <= 15) return BigInt(Number(text));
  const value = text.charCodeAt(0) === 43 ? BigInt(text.slice(1)) : BigInt(text);
  return isInt64(value) ? value : undefined;
}
