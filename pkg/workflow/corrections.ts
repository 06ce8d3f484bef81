/** What people decided about rejected rows; a frozen document of the runs that apply it (design 10). */
export interface Corrections {
  readonly corrected: readonly CorrectedRow[];
  readonly waived: readonly WaivedRows[];
  /** Decisions that are in it; absent in documents of older versions. */
  readonly decisions?: readonly AppliedDecision[];
}

export interface AppliedDecision {
  readonly id: string;
  /** Only what it says about this node; absent: all of it. */
  readonly node?: string;
}

/** A row by what was read: identity of the input, file or table, physical line or row from 1. */
export interface CorrectedRow {
  readonly node: string;
  readonly input: string;
  readonly file: string;
  readonly line: number;
  /** New texts by column of the reader or field of the source table; what is not there stays. */
  readonly values: Readonly<Record<string, string>>;
}

/** Rows that may be left out: one of an input, or all of it that are rejected for a reason. */
export interface WaivedRows {
  readonly node: string;
  readonly input: string;
  readonly file: string;
  readonly line?: number;
  readonly reason?: string;
}

export const NO_CORRECTIONS: Corrections = { corrected: [], waived: [] };

const rowKey = ({ node, input, file, line }: Omit<WaivedRows, "reason">): string =>
  JSON.stringify([node, input, file, line]);

const waiverKey = (rows: WaivedRows): string => `${rowKey(rows)} ${rows.reason ?? ""}`;

/**
 * Later decisions about a row win, column by column: who corrects another cell keeps what was corrected before. A corrected row is not
 * waived any more, and the other way round.
 */
export function mergeCorrections(parts: readonly Corrections[]): Corrections {
  const corrected = new SourceMap<CorrectedRow>();
  const waived = new Map<string, WaivedRows>();
  for (const part of parts) {
    for (const row of part.corrected) {
      const rows = corrected.of(row);
      const before = rows.get(row.line);
      const both = before && { ...row, values: { ...before.values, ...row.values } };
      rows.set(row.line, both ?? row);
      if (waived.size > 0) waived.delete(waiverKey({ ...row }));
    }
    for (const rows of part.waived) {
      waived.set(waiverKey(rows), rows);
      if (rows.line !== undefined) corrected.of(rows).delete(rows.line);
    }
  }
  return { corrected: corrected.all(), waived: [...waived.values()] };
}

type Source = Pick<CorrectedRow, "node" | "input" | "file">;

/** Something for each row, by source and line: names of sources are kept once, a million rows have few of them. */
class SourceMap<Item> {
  readonly #sources = new Map<string, Map<number, Item>>();
  /** Rows about one source mostly come together. */
  #last: Source | undefined;
  #lastRows = new Map<number, Item>();

  of(source: Source): Map<number, Item> {
    const last = this.#last;
    const isSame =
      last?.node === source.node && last.input === source.input && last.file === source.file;
    if (isSame) return this.#lastRows;
    const key = JSON.stringify([source.node, source.input, source.file]);
    const rows = this.#sources.get(key) ?? new Map<number, Item>();
    this.#sources.set(key, rows);
    [this.#last, this.#lastRows] = [source, rows];
    return rows;
  }

  all(): readonly Item[] {
    return [...this.#sources.values()].flatMap((rows) => Array.from(rows.values()));
  }
}

interface SourceRows extends Source {
  readonly rows: [number, CorrectedRow["values"]][];
}

/** The text of the document: rows stand below their source, whose names would otherwise be most of it. */
export function correctionsText({ corrected, waived, decisions }: Corrections): string {
  const sources: SourceRows[] = [];
  const known = new SourceMap<SourceRows>();
  for (const row of corrected) {
    const { node, input, file, line, values } = row;
    const of = known.of(row);
    const source = of.get(0) ?? { node, input, file, rows: [] };
    if (!of.has(0)) sources.push(source);
    of.set(0, source);
    source.rows.push([line, values]);
  }
  return JSON.stringify({ sources, waived, decisions });
}

interface CorrectionsDocument extends Pick<Corrections, "waived" | "decisions"> {
  readonly sources?: readonly SourceRows[];
  /** Older versions wrote rows as they are. */
  readonly corrected?: readonly CorrectedRow[];
}

export function readCorrections(text: string): Corrections {
  const document = JSON.parse(text) as CorrectionsDocument;
  const { sources = [], corrected = [], waived, decisions } = document;
  const rows = sources.flatMap(({ node, input, file, rows: lines }) =>
    lines.map(([line, values]) => ({ node, input, file, line, values })),
  );
  return {
    corrected: rows.length === 0 ? corrected : rows,
    waived,
    ...(decisions === undefined ? {} : { decisions }),
  };
}

/** What was decided about the rows of one source of one node. */
export interface SourceCorrections {
  /** By line, ascending. */
  readonly corrected: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly isWaived: (line: number, reason: string) => boolean;
}

const NOTHING: SourceCorrections = { corrected: new Map(), isWaived: () => false };

const known = new WeakMap<Corrections, Map<string, SourceCorrections>>();

/** Made once for each source as long as the corrections are kept: blocks of rows ask for it one after the other. */
export function correctionsOf(corrections: Corrections, source: Source): SourceCorrections {
  if (corrections.corrected.length + corrections.waived.length === 0) return NOTHING;
  const sources = known.get(corrections) ?? new Map<string, SourceCorrections>();
  known.set(corrections, sources);
  const key = JSON.stringify([source.node, source.input, source.file]);
  const found = sources.get(key) ?? sourceCorrections(corrections, source);
  sources.set(key, found);
  return found;
}

function sourceCorrections({ corrected, waived }: Corrections, source: Source): SourceCorrections {
  const concerns = (row: Omit<WaivedRows, "line" | "reason">): boolean =>
    row.node === source.node && row.input === source.input && row.file === source.file;
  const rows = corrected.filter(concerns).toSorted((a, b) => a.line - b.line);
  const waivers = waived.filter(concerns);
  const lines = new Set(waivers.map(({ line }) => line));
  const reasons = new Set(
    waivers.flatMap(({ line, reason }) => (line === undefined ? [reason] : [])),
  );
  return {
    corrected: new Map(rows.map(({ line, values }) => [line, values])),
    isWaived: (line, reason) => lines.has(line) || reasons.has(reason) || reasons.has(undefined),
  };
}
