/** What the reference compares first of a text, upper case aside: without accents, filled up with blanks and cut to so many bytes. */
export function foldedBytes(text: string, length: number): Buffer {
  const bare = text
    .normalize("NFD")
    .replaceAll(/\p{Mn}/gu, "")
    .normalize("NFC");
  const padded = bare + " ".repeat(Math.max(0, length - Array.from(bare).length));
  return Buffer.from(padded).subarray(0, length);
}
