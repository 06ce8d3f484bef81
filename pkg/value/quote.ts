const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const MAX_ASCII = 0x7f;
const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Letters, marks, numbers, punctuation, symbols and the ASCII blank. */
export const isPrintable = (character: string): boolean => PRINTABLE.test(character);

function escapeCharacter(character: string, quote: string, asciiOnly: boolean): string {
  if (character === quote || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) as number;
  if (isPrintable(character) && (code <= MAX_ASCII || !asciiOnly)) return character;
  const short = ESCAPES[character];
  if (short !== undefined) return short;
  const hex = code.toString(16);
  if (code < 0x20 || code === MAX_ASCII) return `\\x${hex.padStart(2, "0")}`;
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

/** Quoted as Go source, `quote` being `"` or `'`; with `asciiOnly` everything else is escaped. */
export function quoteText(text: string, quote: string, asciiOnly: boolean): string {
  let quoted = quote;
  for (const character of text) quoted += escapeCharacter(character, quote, asciiOnly);
  return quoted + quote;
}

/** Characters that cannot stand between backticks: controls but tab, the backtick itself, byte order mark. */
// oxlint-disable-next-line no-control-regex
const NOT_RAW = /[\0-\x08\x0a-\x1f\x7f`\ufeff]/;

export const canBackquote = (text: string): boolean => !NOT_RAW.test(text);
