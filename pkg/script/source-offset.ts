import { foldedOffset } from "./folded-offset.ts";
import type { Insertion, ScalarTree, Tree } from "./tree.ts";

/** Offset in the file of a character of a scalar's text; without one, of the scalar. */
export function sourceOffset(source: string, tree: Tree, at: number | undefined): number {
  if (at === undefined || tree.kind !== "scalar") return tree.offset;
  const exact = offsetInLine(source, tree, at);
  return exact ?? foldedOffset(source, tree, at);
}

/** Undefined when the text goes on in another line before that place. */
function offsetInLine(source: string, tree: ScalarTree, at: number): number | undefined {
  if (tree.style === "block") return undefined;
  const offset = offsetAsLine(source, tree, at);
  const lineEnd = source.indexOf("\n", tree.offset);
  const isContinued = tree.style === "double" && /^\\\r?\n/.test(source.slice(offset, offset + 3));
  return isContinued || (lineEnd !== -1 && lineEnd < offset) ? undefined : offset;
}

/** As if the text stood in one line. */
function offsetAsLine(source: string, tree: ScalarTree, at: number): number {
  const written = beforeInsertions(tree.insertions ?? [], at);
  if (tree.style === "plain") return tree.offset + written;
  const unit = tree.style === "single" ? singleUnit : doubleUnit;
  return afterUnits(source, tree.offset + 1, written, unit);
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
