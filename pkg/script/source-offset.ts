import type { Insertion, ScalarTree, Tree } from "./tree.ts";

/**
 * Offset in the file of a character of a scalar's text. Falls back to the start of the scalar where the text cannot be
 * followed: block scalars and scalars folded over several lines.
 */
export function sourceOffset(source: string, tree: Tree, at: number | undefined): number {
  if (at === undefined || tree.kind !== "scalar" || tree.style === "block") return tree.offset;
  const written = beforeInsertions(tree.insertions ?? [], at);
  if (tree.style === "plain") return unlessFolded(source, tree, tree.offset + written);
  const unit = tree.style === "single" ? singleUnit : doubleUnit;
  return unlessFolded(source, tree, afterUnits(source, tree.offset + 1, written, unit));
}

/** Offset in the author's text for an offset in the text with parameters put in; inside a value: its reference. */
function beforeInsertions(insertions: readonly Insertion[], at: number): number {
  let shift = 0;
  for (const { start, length, sourceLength } of insertions) {
    if (at < start) break;
    if (at < start + length) return start + shift;
    shift += sourceLength - length;
  }
  return at + shift;
}

type Unit = (source: string, at: number) => { readonly source: number; readonly text: number };

function afterUnits(source: string, start: number, count: number, unit: Unit): number {
  let at = start;
  for (let done = 0; done < count && at < source.length;) {
    const { source: width, text } = unit(source, at);
    at += width;
    done += text;
  }
  return at;
}

const singleUnit: Unit = (source, at) => ({ source: source.startsWith("''", at) ? 2 : 1, text: 1 });

const ESCAPE_WIDTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

const doubleUnit: Unit = (source, at) => {
  if (source[at] !== "\\") return { source: 1, text: 1 };
  const letter = source.charAt(at + 1);
  const width = ESCAPE_WIDTHS[letter] ?? 2;
  const astral = letter === "U" && parseInt(source.slice(at + 2, at + width), 16) > 0xff_ff;
  return { source: width, text: astral ? 2 : 1 };
};

function unlessFolded(source: string, tree: ScalarTree, offset: number): number {
  const lineEnd = source.indexOf("\n", tree.offset);
  return lineEnd !== -1 && lineEnd < offset ? tree.offset : offset;
}
