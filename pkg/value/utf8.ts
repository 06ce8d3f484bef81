const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xe000;

/** UTF-16 units in the order of code points: surrogates stand for characters after all others. */
const rank = (unit: number): number => {
  if (unit < SURROGATES_FROM) return unit;
  return unit < SURROGATES_TO ? unit + 0x2000 : unit - 0x800;
};

/** Order of the UTF-8 bytes of two texts. */
export function compareUtf8(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) < rank(right) ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

const isHighSurrogateAt = (text: string, at: number): boolean =>
  (text.charCodeAt(at) & 0xfc00) === 0xd800;
const isLowSurrogateAt = (text: string, at: number): boolean =>
  (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** Bytes of the UTF-8 form; a lone surrogate counts as U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isHighSurrogateAt(text, at) && isLowSurrogateAt(text, at + 1)) at += 1;
  }
  return bytes;
}

/** Number of code points. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    if (isLowSurrogateAt(text, at) && isHighSurrogateAt(text, at - 1)) count -= 1;
  }
  return count;
}

/** The first `count` code points. */
export function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  let at = 0;
  for (let taken = 0; taken < count && at < text.length; taken += 1) {
    at += isHighSurrogateAt(text, at) && isLowSurrogateAt(text, at + 1) ? 2 : 1;
  }
  return text.slice(0, at);
}
