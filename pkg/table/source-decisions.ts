import {
  laterDecision,
  type DecidedRow,
  type PagePart,
  type RowDecision,
  type RowSource,
} from "#pkg/workflow";
import type { DecisionPages } from "./decision-pages.ts";

export interface StoredPart extends PagePart {
  /** The page. */
  readonly document: string;
}

/** Parts of pages about one source whose lines ascend from page to page. */
export type PartRun = readonly StoredPart[];

/** What is decided about the rows of one source, for whoever walks through them by line. Memory: one page a run. */
export class SourceDecisions {
  readonly #runs: readonly RunReader[];
  readonly #reasons: ReadonlySet<string | undefined>;
  /** The lines that are known. */
  #from = 0;
  #to = -1;
  #rows = new Map<number, RowDecision>();

  /** Later runs win. `reasons`: rows that are rejected for them are waived; undefined: for any. */
  constructor(
    source: RowSource,
    runs: readonly PartRun[],
    reasons: ReadonlySet<string | undefined>,
    pages: DecisionPages,
  ) {
    this.#runs = runs.map((parts) => new RunReader(source, parts, pages));
    this.#reasons = reasons;
    if (runs.length === 0) this.#to = Number.POSITIVE_INFINITY;
  }

  /** Whether what is decided about a line is at hand, so that `decision` and `isWaived` can tell it. */
  knows(line: number): boolean {
    return line >= this.#from && line <= this.#to;
  }

  /** Resolves when the line and some behind it are known, and no others. */
  async learn(line: number): Promise<void> {
    const found = this.#runs.flatMap((run) => {
      const part = run.partFrom(line);
      return part === undefined ? [] : [{ run, part }];
    });
    const ends = found.map(({ part: { first, last } }) => (first <= line ? last : first - 1));
    const to = Math.min(...ends, Number.POSITIVE_INFINITY);
    const rows = new Map<number, RowDecision>();
    for (const { run, part } of found) {
      if (part.first > line) continue;
      for (const [at, decision] of await run.rows(part))
        if (at >= line && at <= to) rows.set(at, laterDecision(rows.get(at), decision));
    }
    [this.#from, this.#to, this.#rows] = [line, to, rows];
  }

  decision(line: number): RowDecision | undefined {
    return this.#rows.get(line);
  }

  isWaived(line: number, reason: string): boolean {
    const isByRule = this.#reasons.has(undefined) || this.#reasons.has(reason);
    return isByRule || this.decision(line) === "waived";
  }

  /** Decisions about the lines from `from` to `to`, by line, some at a time; nothing else is learnt meanwhile. */
  async *between(from: number, to: number): AsyncGenerator<readonly DecidedRow[]> {
    for (let line = from; line <= to; line = this.#to + 1) {
      if (!this.knows(line)) await this.learn(line);
      const rows = [...this.#rows].filter(([at]) => at >= line && at <= to);
      if (rows.length > 0) yield this.#runs.length > 1 ? rows.sort(([a], [b]) => a - b) : rows;
      if (this.#to >= to) return;
    }
  }
}

/** Holds the page of a run that was asked for last. */
class RunReader {
  readonly #source: RowSource;
  readonly #parts: PartRun;
  readonly #pages: DecisionPages;
  #held: { readonly part: StoredPart; readonly rows: readonly DecidedRow[] } | undefined;

  constructor(source: RowSource, parts: PartRun, pages: DecisionPages) {
    this.#source = source;
    this.#parts = parts;
    this.#pages = pages;
  }

  /** The first part that ends on the line or behind it. */
  partFrom(line: number): StoredPart | undefined {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#parts[middle] as StoredPart).last < line) low = middle + 1;
      else high = middle;
    }
    return this.#parts[low];
  }

  async rows(part: StoredPart): Promise<readonly DecidedRow[]> {
    if (this.#held?.part !== part)
      this.#held = { part, rows: await this.#pages.rows(part.document, this.#source) };
    return this.#held.rows;
  }
}
