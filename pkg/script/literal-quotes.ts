import type { Insertion } from "./tree.ts";

/** A string literal of an expression, quotes included; `to` is exclusive. */
interface Literal {
  readonly from: number;
  readonly to: number;
}

const LITERAL = /"(?:[^"\\]|\\[^])*"|`[^`]*`|'(?:[^'\\]|\\[^])*'/g;

const literalsOf = (expression: string): readonly Literal[] =>
  [...expression.matchAll(LITERAL)]
    .filter(([text]) => !text.startsWith("'"))
    .map(({ index, 0: text }) => ({ from: index, to: index + text.length }));

/**
 * A value that lands inside a string literal stays inside it (spec/script.md 15.27): the literal changes its quotes when the
 * value holds them, and becomes a sum of literals when it holds both kinds. Literals take their characters as they are, so
 * nothing else changes.
 */
export function requote(written: string, text: string, insertions: readonly Insertion[]): string {
  let result = "";
  let copied = 0;
  for (const { from, to } of literalsOf(written)) {
    const start = shifted(from, insertions);
    const end = shifted(to, insertions);
    const inside = insertions.filter((one) => one.start > start && one.start < end);
    if (inside.length === 0) continue;
    const values = inside.map((one) => text.slice(one.start, one.start + one.length)).join("");
    const content = text.slice(start + 1, end - 1);
    result += text.slice(copied, start) + literalOf(written.charAt(from), content, values);
    copied = end;
  }
  return result + text.slice(copied);
}

/** Where an offset of the author's text is once the values are in. */
function shifted(offset: number, insertions: readonly Insertion[]): number {
  let at = offset;
  for (const { start, length, sourceLength } of insertions)
    if (start < at) at += length - sourceLength;
  return at;
}

const UNFIT = /["\\\n]/;

function literalOf(quote: string, content: string, values: string): string {
  if (quote === '"' && !UNFIT.test(values)) return `"${content}"`;
  if (!content.includes("`")) return `\`${content}\``;
  if (!UNFIT.test(content)) return `"${content}"`;
  const parts = content.split("`").map((part) => `\`${part}\``);
  return parts.join('+"`"+');
}
