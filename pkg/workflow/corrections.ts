/** The rows of one file or table as one node reads them. */
export interface RowSource {
  readonly node: string;
  /** Identity of what is read: hash of size and version of the file, or the manifest of the table. */
  readonly input: string;
  /** URL of the file, or name of the table. */
  readonly file: string;
}

/** New texts by column of the reader or field of the source table; what is not there stays. */
export type CorrectedTexts = Readonly<Record<string, string>>;

export type RowDecision = CorrectedTexts | "waived";

/** Physical line or row of the table, from 1, and what is decided about it. */
export type DecidedRow = readonly [line: number, decision: RowDecision];

/** Decisions about rows of one source, by line, ascending. */
export interface SourceRows extends RowSource {
  readonly rows: readonly DecidedRow[];
}

/** Every row of a source that is rejected may be left out, or those that are rejected for one reason. */
export interface WaivedRows extends RowSource {
  readonly reason?: string;
}

/** What a page says about one source. */
export interface PagePart extends RowSource {
  /** Lowest and highest line. */
  readonly first: number;
  readonly last: number;
  /** Rows. */
  readonly corrected: number;
  readonly waived: number;
}

export interface DecisionPage {
  /** Hash of the document with its rows. */
  readonly document: string;
  readonly parts: readonly PagePart[];
}

/** What one decision says, without the rows: those are in pages, each a document of its own, at most one page about a row. */
export interface DecisionContent {
  readonly pages: readonly DecisionPage[];
  readonly rules: readonly WaivedRows[];
}

/** A decision as far as a run applies it. */
export interface DecisionLayer {
  /** Hash of its DecisionContent. */
  readonly document: string;
  /** Only what it says about this node. */
  readonly node?: string;
  /** Without what it says about these nodes. */
  readonly except?: readonly string[];
}

export interface AppliedDecision {
  readonly id: string;
  /** Only what it says about this node; absent: all of it. */
  readonly node?: string;
}

/** What a run applies to rejected rows, as a frozen document. */
export interface AppliedDecisions {
  /** Later ones win. */
  readonly layers: readonly DecisionLayer[];
  readonly decisions: readonly AppliedDecision[];
}

export const NO_DECISIONS: AppliedDecisions = { layers: [], decisions: [] };

/** Who corrects another cell of a row keeps what was corrected before; a corrected row is not waived any more, and the other way round. */
export const laterDecision = (before: RowDecision | undefined, next: RowDecision): RowDecision =>
  next === "waived" || before === undefined || before === "waived" ? next : { ...before, ...next };

export const sourceKey = ({ node, input, file }: RowSource): string =>
  JSON.stringify([node, input, file]);

export const isSameSource = (a: RowSource, b: RowSource): boolean =>
  a.file === b.file && a.input === b.input && a.node === b.node;

/** With texts of its own: those of a row may be parts of a large text, which they would keep. */
export function sourceOf(key: string): RowSource {
  const [node, input, file] = JSON.parse(key) as [string, string, string];
  return { node, input, file };
}

export function partOf({ node, input, file, rows }: SourceRows): PagePart {
  const waived = rows.filter(([, decision]) => decision === "waived").length;
  const [[first] = [0], [last] = [0]] = [rows[0], rows.at(-1)];
  return { node, input, file, first, last, corrected: rows.length - waived, waived };
}

export const pageText = (sources: readonly SourceRows[]): string => JSON.stringify({ sources });

/** A document of an older version: all rows in one. */
interface OldDocument {
  readonly sources?: readonly SourceRows[];
  readonly corrected?: readonly (RowSource & {
    readonly line: number;
    readonly values: CorrectedTexts;
  })[];
  readonly waived: readonly (WaivedRows & { readonly line?: number })[];
  readonly decisions?: readonly AppliedDecision[];
}

/** The rows of a page; a document of an older version is a page as well. */
export function readPage(text: string): readonly SourceRows[] {
  const page = JSON.parse(text) as { readonly sources: readonly SourceRows[] } | OldDocument;
  return "waived" in page ? rowsOfOld(page) : page.sources;
}

function rowsOfOld({ sources = [], corrected = [], waived }: OldDocument): readonly SourceRows[] {
  const known = new Map<string, RowSource & { readonly rows: DecidedRow[] }>();
  const add = (of: RowSource, rows: readonly DecidedRow[]): void => {
    const key = sourceKey(of);
    const source = known.get(key) ?? { node: of.node, input: of.input, file: of.file, rows: [] };
    known.set(key, source);
    for (const row of rows) source.rows.push(row);
  };
  for (const source of sources) add(source, source.rows);
  for (const row of corrected) add(row, [[row.line, row.values]]);
  for (const row of waived) if (row.line !== undefined) add(row, [[row.line, "waived"]]);
  for (const { rows } of known.values()) rows.sort(([a], [b]) => a - b);
  return [...known.values()];
}

/** `document` is the hash of the text. */
export function readDecisionContent(document: string, text: string): DecisionContent {
  const content = JSON.parse(text) as DecisionContent | OldDocument;
  if ("pages" in content) return content;
  const parts = rowsOfOld(content).map(partOf);
  return {
    pages: parts.length === 0 ? [] : [{ document, parts }],
    rules: content.waived.filter(({ line }) => line === undefined),
  };
}

/** `document` is the hash of the text. */
export function readAppliedDecisions(document: string, text: string): AppliedDecisions {
  const applied = JSON.parse(text) as AppliedDecisions | OldDocument;
  return "layers" in applied
    ? applied
    : { layers: [{ document }], decisions: applied.decisions ?? [] };
}

/** Whether a layer says something about a node. */
export const concernsNode = ({ node, except = [] }: DecisionLayer, name: string): boolean =>
  (node === undefined || node === name) && !except.includes(name);

/** What of a decision a run has not applied yet; undefined: nothing, or nothing about `node`. */
export function openLayer(
  decision: { readonly id: string; readonly document: string },
  applied: readonly AppliedDecision[],
  node: string | undefined,
): DecisionLayer | undefined {
  const own = applied.filter(({ id }) => id === decision.id);
  const except = own.flatMap((each) => each.node ?? []);
  const isAll = except.length < own.length;
  if (isAll || (node !== undefined && except.includes(node))) return undefined;
  const { document } = decision;
  if (node !== undefined) return { document, node };
  return except.length === 0 ? { document } : { document, except };
}
