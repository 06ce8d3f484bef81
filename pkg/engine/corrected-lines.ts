import { Fault } from "#pkg/fault";
import type { DecidedRows, SourceDecisions } from "#pkg/table";
import type { CorrectedTexts, RowSource } from "#pkg/workflow";
import type { RowCorrection } from "./apply-corrections.ts";
import type { InputBlock } from "./input-blocks.ts";

/**
 * Corrected records of a file, or of a range of it, in step with whoever reads it: the reader takes the texts of records that it cannot
 * read, and each block gets those of all others. Memory: a page of decisions, and the corrections of one block.
 */
export class CorrectedLines {
  readonly #source: RowSource;
  readonly #ahead: SourceDecisions;
  readonly #behind: SourceDecisions;
  /** Lines that the reader has taken since the last block. */
  readonly #taken = new Set<number>();
  /** Line behind the last block. */
  #next: number;
  /** Corrections that were applied. */
  applied = 0;

  constructor(decided: DecidedRows, source: RowSource, firstLine: number) {
    this.#source = source;
    this.#ahead = decided.of(source);
    this.#behind = decided.of(source);
    this.#next = firstLine;
  }

  /** Whether `take` and `texts` can tell about a line. */
  knows(line: number): boolean {
    return this.#ahead.knows(line);
  }

  learn(line: number): Promise<void> {
    return this.#ahead.learn(line);
  }

  texts(line: number): CorrectedTexts | undefined {
    return textsOf(this.#ahead.decision(line));
  }

  /** The texts of a record that the reader cannot read; they are applied, even where they leave it as bad as it was. */
  take(line: number): CorrectedTexts | undefined {
    const texts = this.texts(line);
    if (texts !== undefined && !this.#taken.has(line)) {
      this.#taken.add(line);
      this.applied += 1;
    }
    return texts;
  }

  /** Corrections of rows of the next block. Throws CORRECTION_MISSING for lines before its end on which no record begins. */
  async ofBlock(block: InputBlock): Promise<readonly RowCorrection[]> {
    const end = block.lineOf(block.rows);
    const corrections: RowCorrection[] = [];
    for await (const decided of this.#behind.between(this.#next, end - 1))
      for (const [line, values] of decided) {
        if (values === "waived" || this.#taken.has(line)) continue;
        const row = rowAt(block, line);
        if (row === undefined) throw this.#missing(line);
        corrections.push({ row, values });
      }
    this.#next = end;
    this.#taken.clear();
    this.applied += corrections.length;
    return corrections;
  }

  /** All of the file was read. Throws CORRECTION_MISSING for lines behind its end. */
  async end(): Promise<void> {
    for await (const decided of this.#behind.between(this.#next, Number.POSITIVE_INFINITY))
      for (const [line, decision] of decided) if (decision !== "waived") throw this.#missing(line);
  }

  #missing(line: number): Fault {
    const { node, file } = this.#source;
    return new Fault("CORRECTION_MISSING", `${file} line ${line}: no record begins there`, {
      facts: { node, file, line },
    });
  }
}

const textsOf = (decision: CorrectedTexts | "waived" | undefined): CorrectedTexts | undefined =>
  decision === "waived" ? undefined : decision;

/** The row of a block that begins on a line. */
function rowAt(block: InputBlock, line: number): number | undefined {
  let [low, high] = [0, block.rows];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.lineOf(middle) < line) low = middle + 1;
    else high = middle;
  }
  return low < block.rows && block.lineOf(low) === line ? low : undefined;
}
