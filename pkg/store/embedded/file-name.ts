import { createHash } from "node:crypto";

const LONGEST = 100;

/**
 * Free text as a name that every file system and every store key takes: letters, digits, `_` and `-` stay, other bytes of
 * its UTF-8 form become %XX, long results are cut and end in a hash. Different texts get different names.
 */
export function fileName(text: string): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(text)) return text;
  if (text === "") return "%";
  const encoded = Buffer.from(text).reduce((name, byte) => name + encodeByte(byte), "");
  if (encoded.length <= LONGEST) return encoded;
  const hash = createHash("sha256").update(text, "utf8").digest("hex");
  return `${encoded.slice(0, LONGEST - 66)}~${hash}`;
}

function encodeByte(byte: number): string {
  const character = String.fromCodePoint(byte);
  return /[A-Za-z0-9_-]/.test(character)
    ? character
    : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
