/** A text on one line of a terminal: line breaks as spaces, cut with … where it would go beyond `width` characters. */
export function oneLine(text: string, width: number): string {
  const characters = Array.from(text.replaceAll(/\s*[\r\n]+\s*/g, " "));
  if (characters.length <= width) return characters.join("");
  return `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}
