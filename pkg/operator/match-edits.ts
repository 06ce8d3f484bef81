import type { EditedRow } from "./correct-rows.ts";
import type { UndecidedRow } from "./rejected.ts";

/** Edited lines that are looked up at a time. */
const WINDOW = 10_000;

/** A rejected row with the edited lines about it. */
export interface Match {
  readonly row: UndecidedRow;
  /** Position among all rejected rows. */
  readonly ordinal: number;
  readonly edits: readonly EditedRow[];
}

/** Consecutive edited lines. */
export interface MatchedWindow {
  readonly lines: number;
  /** Lines about rows that were not rejected. */
  readonly missing: readonly EditedRow[];
}

/**
 * Finds the rejected row of each edited line. The rejected rows are walked through in a circle, from where the lines before were found:
 * once for lines that are in the order of the export, at most once a window for others. `take` is given each match of a window before
 * the window comes. Memory: the lines of one window.
 */
export async function* matchEdits(
  rows: () => AsyncGenerator<UndecidedRow>,
  edited: AsyncIterable<EditedRow>,
  { take, window = WINDOW }: { readonly take: (match: Match) => void; readonly window?: number },
): AsyncGenerator<MatchedWindow> {
  const circle = new Circle(rows);
  try {
    for await (const lines of windowsOf(edited, window)) yield await circle.match(lines, take);
  } finally {
    await circle.end();
  }
}

export const keyOf = ({
  node,
  input,
  file,
  line,
}: Pick<EditedRow, "node" | "input" | "file" | "line">): string =>
  JSON.stringify([node, input, file, line]);

/** Lines about one row that follow each other are never parted. */
async function* windowsOf(
  edited: AsyncIterable<EditedRow>,
  window: number,
): AsyncGenerator<readonly EditedRow[]> {
  let lines: EditedRow[] = [];
  for await (const edit of edited) {
    const last = lines.at(-1);
    if (last !== undefined && lines.length >= window && keyOf(last) !== keyOf(edit)) {
      yield lines;
      lines = [];
    }
    lines.push(edit);
  }
  if (lines.length > 0) yield lines;
}

class Circle {
  readonly #open: () => AsyncGenerator<UndecidedRow>;
  #rows: AsyncGenerator<UndecidedRow>;
  #ordinal = 0;

  constructor(open: () => AsyncGenerator<UndecidedRow>) {
    this.#open = open;
    this.#rows = open();
  }

  async match(lines: readonly EditedRow[], take: (match: Match) => void): Promise<MatchedWindow> {
    const wanted = byKey(lines);
    const from = this.#ordinal;
    for (let isRound = false; wanted.size > 0 && !(isRound && this.#ordinal >= from);) {
      const next = await this.#rows.next();
      if (next.done === true) {
        if (isRound) break;
        isRound = true;
        this.#rows = this.#open();
        this.#ordinal = 0;
        continue;
      }
      const [row, ordinal] = [next.value, this.#ordinal++];
      const key = keyOf(row);
      const edits = wanted.get(key);
      if (edits === undefined) continue;
      take({ row, ordinal, edits });
      wanted.delete(key);
    }
    return { lines: lines.length, missing: [...wanted.values()].flat() };
  }

  async end(): Promise<void> {
    await this.#rows.return(undefined);
  }
}

function byKey(lines: readonly EditedRow[]): Map<string, readonly EditedRow[]> {
  const rows = new Map<string, EditedRow[]>();
  for (const line of lines) {
    const known = rows.get(keyOf(line));
    if (known === undefined) rows.set(keyOf(line), [line]);
    else known.push(line);
  }
  return rows;
}
