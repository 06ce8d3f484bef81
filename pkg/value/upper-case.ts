/** Small letters whose one-to-one upper case differs from the full one of toUpperCase: first, last, distance. */
const GREEK = [
  [0x1f80, 0x1f87, 8],
  [0x1f90, 0x1f97, 8],
  [0x1fa0, 0x1fa7, 8],
  [0x1fb3, 0x1fb3, 9],
  [0x1fc3, 0x1fc3, 9],
  [0x1ff3, 0x1ff3, 9],
] as const;

function upperPoint(point: string): string {
  const upper = point.toUpperCase();
  if (upper.length === point.length) return upper;
  const code = point.codePointAt(0) as number;
  const range = GREEK.find(([first, last]) => code >= first && code <= last);
  return range === undefined ? point : String.fromCodePoint(code + range[2]);
}

/** Simple Unicode upper case: one code point to one, so `ß` stays. Full upper case only ever makes texts longer. */
export function upperCase(text: string): string {
  const upper = text.toUpperCase();
  return upper.length === text.length ? upper : Array.from(text, upperPoint).join("");
}
