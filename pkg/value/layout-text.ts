const ZERO = 48;

/** Whether there is a decimal digit at a position. */
export const isDigitAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= 57;
};

/** Number made of the digits from a position to another, which must all be digits. */
export function digitsBetween(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

/** How many of at most `most` characters from a position are digits. */
export function digitRun(text: string, from: number, most: number): number {
  let count = 0;
  while (count < most && isDigitAt(text, from + count)) count += 1;
  return count;
}

const isUpperAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 65 && code <= 90;
};

const MAX_ZONE_HOURS = 23;

/** Length of a sign and a number up to 23; 0 when there is none. */
function signedHours(text: string, at: number): number {
  const sign = text.charAt(at);
  if (sign !== "+" && sign !== "-") return 0;
  const digits = digitRun(text, at + 1, Infinity);
  if (digits === 0 || digitsBetween(text, at + 1, at + 1 + digits) > MAX_ZONE_HOURS) return 0;
  return digits + 1;
}

/** Length of the zone abbreviation at a position; 0 when none is recognised (spec/expressions.md 5.2, `MST`). */
export function zoneNameLength(text: string, at: number): number {
  if (text.length - at < 3) return 0;
  if (text.startsWith("ChST", at) || text.startsWith("MeST", at)) return 4;
  if (text.startsWith("GMT", at)) return 3 + signedHours(text, at + 3);
  const signed = signedHours(text, at);
  if (signed > 0) return signed;
  return abbreviationLength(text, at);
}

/** Three capitals, or four or five that end in T, or WITA. */
function abbreviationLength(text: string, at: number): number {
  let letters = 0;
  while (letters < 6 && isUpperAt(text, at + letters)) letters += 1;
  if (letters === 3 || (letters === 4 && text.startsWith("WITA", at))) return letters;
  const isLong = letters === 4 || letters === 5;
  return isLong && text.charAt(at + letters - 1) === "T" ? letters : 0;
}

/** Offset in seconds that the name `GMT+3` itself carries. */
export const offsetOfZoneName = (name: string): number =>
  name.startsWith("GMT") && name.length > 3 ? Number(name.slice(3)) * 3600 : 0;

/** Index of the name that the text continues with, any letter case; -1 when none does. */
export function nameAt(names: readonly string[], text: string, at: number): number {
  return names.findIndex(
    (name) => text.slice(at, at + name.length).toLowerCase() === name.toLowerCase(),
  );
}
