/** `{ name }` or `{ name | type }`; only the space counts as blank. */
const REFERENCE = /\{( *[A-Za-z0-9_]+ *(?:\| *(?:string|number|bool|stringlist) *)?)\}/g;

export interface Mask {
  /** Same length as the original, so every offset stays true. */
  readonly text: string;
  restore(text: string): string;
}

/** Hides parameter references from the YAML parser, for which an unquoted `{dir_in}/a.csv` would begin a map. */
export function maskReferences(text: string): Mask {
  const [open = "", close = ""] = unusedCharacters(text);
  return {
    text: text.replace(REFERENCE, `${open}$1${close}`),
    restore: (masked) => masked.replaceAll(open, "{").replaceAll(close, "}"),
  };
}

const PRIVATE_USE = Array.from({ length: 6400 }, (_, at) => String.fromCharCode(0xe000 + at));

function unusedCharacters(text: string): readonly string[] {
  const found: string[] = [];
  for (const character of PRIVATE_USE) {
    if (!text.includes(character)) found.push(character);
    if (found.length === 2) break;
  }
  return found;
}
