import type { ScalarTree } from "./tree.ts";

/**
 * Offset in the file of a character of a text that YAML wrote over several lines. Indents, line ends and folded blanks differ
 * between file and text, everything else stands there in the same order, so the characters that are no blanks are counted.
 */
export function foldedOffset(source: string, tree: ScalarTree, at: number): number {
  const text = String(tree.value);
  const walk = new Walk(source, tree);
  const insertions = [...(tree.insertions ?? [])];
  for (let done = 0; done < at && !walk.isOver;) {
    const next = insertions[0];
    if (next?.start === done) {
      insertions.shift();
      if (at < next.start + next.length) break;
      walk.skip(next.sourceLength);
      done += next.length;
    } else if (isBlank(text.charAt(done))) {
      done += 1;
    } else {
      const unit = walk.unit();
      walk.skip(unit.width);
      done += unit.length;
    }
  }
  return walk.place();
}

interface Unit {
  /** Characters of the file. */
  readonly width: number;
  /** Characters of the text. */
  readonly length: number;
  readonly isBlank: boolean;
}

const isBlank = (character: string): boolean => /^\s$/.test(character);

/** The file from the first character of a scalar on, unit by unit. */
class Walk {
  readonly #source: string;
  readonly #tree: ScalarTree;
  #at: number;

  constructor(source: string, tree: ScalarTree) {
    this.#source = source;
    this.#tree = tree;
    const quote = tree.style === "plain" ? 0 : 1;
    const isBlock = tree.style === "block";
    this.#at = isBlock ? source.indexOf("\n", tree.offset) + 1 : tree.offset + quote;
  }

  get isOver(): boolean {
    return this.#at >= this.#source.length;
  }

  /** Passes blanks, then `width` characters. */
  skip(width: number): void {
    this.#at = this.place() + width;
  }

  /** The next place that is no blank; the scalar itself when the file ends before. */
  place(): number {
    while (!this.isOver && this.#unitAt(this.#at).isBlank) this.#at += this.#unitAt(this.#at).width;
    return this.isOver ? this.#tree.offset : this.#at;
  }

  unit(): Unit {
    return this.#unitAt(this.place());
  }

  #unitAt(at: number): Unit {
    const { style } = this.#tree;
    const character = this.#source.charAt(at);
    if (style === "double" && character === "\\") return escapeAt(this.#source, at);
    const isPair = style === "single" && this.#source.startsWith("''", at);
    return { width: isPair ? 2 : 1, length: 1, isBlank: isBlank(character) };
  }
}

const ESCAPE_WIDTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };
/** Letters of escapes that stand for blanks, and the line ends and blanks that may follow a backslash. */
const BLANK_ESCAPES = "tnvfr_LP \t\r\n";

function escapeAt(source: string, at: number): Unit {
  const letter = source.charAt(at + 1);
  const width = ESCAPE_WIDTHS[letter];
  if (width === undefined) return { width: 2, length: 1, isBlank: BLANK_ESCAPES.includes(letter) };
  const character = String.fromCodePoint(parseInt(source.slice(at + 2, at + width), 16));
  return { width, length: character.length, isBlank: isBlank(character) };
}
