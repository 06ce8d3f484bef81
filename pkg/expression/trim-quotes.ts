const QUOTE = 34;

/** Cuts all double quotes from both ends, as the reference does with literals and before comparing. */
export function trimQuotes(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) === QUOTE) from += 1;
  while (to > from && text.charCodeAt(to - 1) === QUOTE) to -= 1;
  return text.slice(from, to);
}
