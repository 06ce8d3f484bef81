import type { Insertion } from "./tree.ts";

/** A string literal of an expression, quotes included; `to` is exclusive. */
interface Literal {
  readonly from: number;
  readonly to: number;
}

/** What an expression is with its parameters put in. */
export interface Requoted {
  readonly text: string;
  /** Offsets, in the author's text, of values that hold both kinds of quotes. */
  readonly unfit: readonly number[];
}

const LITERAL = /"(?:[^"\\]|\\[^])*"|`[^`]*`|'(?:[^'\\]|\\[^])*'/g;

const literalsOf = (expression: string): readonly Literal[] =>
  [...expression.matchAll(LITERAL)]
    .filter(([text]) => !text.startsWith("'"))
    .map(({ index, 0: text }) => ({ from: index, to: index + text.length }));

/**
 * A value that lands inside a string literal stays inside it (spec/script.md 15.27): the literal changes its quotes when the
 * value holds them. Both kinds of literals take their characters as they are, so nothing else changes.
 */
export function requote(written: string, text: string, insertions: readonly Insertion[]): Requoted {
  const unfit: number[] = [];
  let result = text;
  for (const { from, to } of literalsOf(written)) {
    const start = shifted(from, insertions);
    const end = shifted(to, insertions);
    const inside = insertions.filter((one) => one.start > start && one.start < end);
    if (inside.length === 0) continue;
    const values = inside.map((one) => text.slice(one.start, one.start + one.length)).join("");
    const quote = fittingQuote(written.charAt(from), text.slice(start + 1, end - 1), values);
    if (quote === undefined) unfit.push(from);
    else
      result =
        result.slice(0, start) + quote + text.slice(start + 1, end - 1) + quote + result.slice(end);
  }
  return { text: result, unfit };
}

/** Where an offset of the author's text is once the values are in. */
function shifted(offset: number, insertions: readonly Insertion[]): number {
  let at = offset;
  for (const { start, length, sourceLength } of insertions)
    if (start < at) at += length - sourceLength;
  return at;
}

function fittingQuote(quote: string, content: string, values: string): string | undefined {
  const other = content.includes("`") ? undefined : "`";
  if (quote === '"') {
    if (!/["\\\n]/.test(values)) return quote;
    return other ?? (values.includes('"') ? undefined : quote);
  }
  return other ?? (/["\\\n]/.test(content) ? undefined : '"');
}
