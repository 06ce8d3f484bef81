export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const CALL = /\bre[ \t]*\.[ \t]*MatchString[ \t\r\n]*\(/g;
/** String literals are skipped as a whole: brackets and commas inside them do not count. */
const TOKEN = /`[^`]*`|"(?:[^"\\]|\\.)*"|[(),]|[^`"(),]+|["`]/gy;

/**
 * Where in a text the first argument of a call of re.MatchString stands: there `{4}` is a quantifier and `\p{Greek}` a
 * class unless a parameter has that name.
 */
export const patternSpans = (text: string): readonly Span[] =>
  [...text.matchAll(CALL)].map((call) => {
    const from = call.index + call[0].length;
    return { from, to: argumentEnd(text, from) };
  });

function argumentEnd(text: string, from: number): number {
  let depth = 0;
  let end = from;
  for (const [token] of text.slice(from).matchAll(TOKEN)) {
    if (token === "(") depth += 1;
    if (depth === 0 && (token === "," || token === ")")) break;
    if (token === ")") depth -= 1;
    end += token.length;
  }
  return end;
}
