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
  const corrected = new Map<string, CorrectedRow>();
  const waived = new Map<string, WaivedRows>();
  for (const part of parts) {
    for (const row of part.corrected) {
      const key = rowKey(row);
      corrected.set(key, { ...row, values: { ...corrected.get(key)?.values, ...row.values } });
      waived.delete(waiverKey({ ...row }));
    }
    for (const rows of part.waived) {
      waived.set(waiverKey(rows), rows);
      if (rows.line !== undefined) corrected.delete(rowKey(rows));
    }
  }
  return { corrected: [...corrected.values()], waived: [...waived.values()] };
}

/** What was decided about the rows of one source of one node. */
export interface SourceCorrections {
  /** By line, ascending. */
  readonly corrected: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly isWaived: (line: number, reason: string) => boolean;
}

export function correctionsOf(
  { corrected, waived }: Corrections,
  source: { readonly node: string; readonly input: string; readonly file: string },
): SourceCorrections {
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
