import { isSameSource } from "#pkg/workflow";
import type { UndecidedRow } from "./rejected.ts";

/** One edited line of an export of rejected rows. */
export interface EditedRow {
  /** Line of the edited file, for messages. */
  readonly at: number;
  readonly node: string;
  readonly input: string;
  readonly file: string;
  readonly line: number;
  /** `waive` leaves the row out for good, `correct` takes it as it stands in the file now. */
  readonly decision: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Edited lines that are looked up at a time. */
export interface Window {
  readonly lines: number;
  /** Once they have turned out not to be in the order of the rejected rows. */
  readonly unordered: number;
}

const WINDOW: Window = { lines: 1000, unordered: 10_000 };
/** Characters of their texts. */
const WINDOW_LENGTH = 4 * 1024 * 1024;

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
  rows: () => AsyncGenerator<Iterable<UndecidedRow>>,
  edited: AsyncIterable<Iterable<EditedRow>>,
  { take, window = WINDOW }: { readonly take: (match: Match) => void; readonly window?: Window },
): AsyncGenerator<MatchedWindow> {
  const circle = new Circle(rows);
  try {
    const size = (): number => (circle.rounds > 0 ? window.unordered : window.lines);
    for await (const lines of windowsOf(edited, size)) yield await circle.match(lines, take);
  } finally {
    await circle.end();
  }
}

type Place = Pick<EditedRow, "node" | "input" | "file" | "line">;

const isSameRow = (a: Place, b: Place): boolean => a.line === b.line && isSameSource(a, b);

/** Lines about one row that follow each other are never parted. */
async function* windowsOf(
  edited: AsyncIterable<Iterable<EditedRow>>,
  size: () => number,
): AsyncGenerator<readonly EditedRow[]> {
  let lines: EditedRow[] = [];
  let length = 0;
  for await (const piece of edited)
    for (const edit of piece) {
      const last = lines.at(-1);
      const isFull = lines.length >= size() || length >= WINDOW_LENGTH;
      if (isFull && last !== undefined && !isSameRow(last, edit)) {
        yield lines;
        [lines, length] = [[], 0];
      }
      lines.push(edit);
      for (const name in edit.values) length += (edit.values[name] as string).length;
    }
  if (lines.length > 0) yield lines;
}

class Circle {
  readonly #open: () => AsyncGenerator<Iterable<UndecidedRow>>;
  #pieces: AsyncGenerator<Iterable<UndecidedRow>>;
  #piece: Iterator<UndecidedRow> = [].values();
  #ordinal = 0;
  /** How often the walk began again. */
  rounds = 0;

  constructor(open: () => AsyncGenerator<Iterable<UndecidedRow>>) {
    this.#open = open;
    this.#pieces = open();
  }

  async match(lines: readonly EditedRow[], take: (match: Match) => void): Promise<MatchedWindow> {
    const wanted = new Wanted(lines);
    const from = this.#ordinal;
    const { rounds } = this;
    for (;;) {
      const end = this.rounds > rounds ? from : Number.POSITIVE_INFINITY;
      this.#matchPiece(wanted, end, take);
      if (wanted.size === 0 || this.#ordinal >= end) break;
      if (await this.#nextPiece()) continue;
      if (this.rounds > rounds) break;
      this.rounds += 1;
      this.#pieces = this.#open();
      this.#ordinal = 0;
    }
    return { lines: lines.length, missing: wanted.rest() };
  }

  async end(): Promise<void> {
    await this.#pieces.return(undefined);
  }

  /** The rest of the piece, up to an ordinal and as long as something is wanted. */
  #matchPiece(wanted: Wanted, end: number, take: (match: Match) => void): void {
    while (wanted.size > 0 && this.#ordinal < end) {
      const next = this.#piece.next();
      if (next.done === true) return;
      const row = next.value;
      const ordinal = this.#ordinal++;
      const edits = wanted.take(row);
      if (edits !== undefined) take({ row, ordinal, edits });
    }
  }

  async #nextPiece(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#piece = next.value[Symbol.iterator]();
    return true;
  }
}

/** Edited lines that have not met their rejected row yet. */
class Wanted {
  /** Lines about one row together, by line of the input. */
  readonly #rows = new Map<number, EditedRow[][]>();
  size = 0;

  constructor(lines: readonly EditedRow[]) {
    for (const line of lines) {
      const rows = this.#rows.get(line.line) ?? [];
      const known = rows.find(([first]) => first !== undefined && isSameRow(first, line));
      known?.push(line);
      if (known !== undefined) continue;
      rows.push([line]);
      this.#rows.set(line.line, rows);
      this.size += 1;
    }
  }

  /** The lines about a rejected row, which then are not wanted any more. */
  take(row: Place): readonly EditedRow[] | undefined {
    const rows = this.#rows.get(row.line);
    const at = rows?.findIndex(([first]) => first !== undefined && isSameRow(first, row)) ?? -1;
    if (rows === undefined || at < 0) return undefined;
    this.size -= 1;
    return rows.splice(at, 1)[0];
  }

  rest(): readonly EditedRow[] {
    return [...this.#rows.values()].flat(2);
  }
}
