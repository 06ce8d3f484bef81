import {
  pageText,
  partOf,
  sourceKey,
  type AppliedDecisions,
  type CorrectedTexts,
  type DecidedRow,
  type DecisionContent,
  type DecisionPage,
  type RowSource,
  type WaivedRows,
} from "#pkg/workflow";

/** What a test decides about rejected rows. */
export interface Decisions {
  readonly corrected: readonly (RowSource & {
    readonly line: number;
    readonly values: CorrectedTexts;
  })[];
  readonly waived: readonly (WaivedRows & { readonly line?: number })[];
}

const PAGE_ROWS = 2;

/** Stores decisions in small pages; gives the hash of what a run that applies them names. */
export function putDecisions(
  { corrected, waived }: Decisions,
  put: (text: string) => string,
): string {
  const rows = [
    ...corrected.map((of) => ({ of, row: [of.line, of.values] as DecidedRow })),
    ...waived.flatMap(({ line, ...of }) =>
      line === undefined ? [] : [{ of, row: [line, "waived"] as DecidedRow }],
    ),
  ].toSorted((a, b) => a.row[0] - b.row[0]);
  const pages: DecisionPage[] = [];
  for (const source of new Map(rows.map(({ of }) => [sourceKey(of), of])).values()) {
    const decided = rows.filter(({ of }) => sourceKey(of) === sourceKey(source));
    const { node, input, file } = source;
    for (let at = 0; at < decided.length; at += PAGE_ROWS) {
      const some = decided.slice(at, at + PAGE_ROWS).map(({ row }) => row);
      const page = [{ node, input, file, rows: some }];
      pages.push({ document: put(pageText(page)), parts: page.map(partOf) });
    }
  }
  const rules = waived.filter(({ line }) => line === undefined);
  const content: DecisionContent = { pages, rules };
  const layers = [{ document: put(JSON.stringify(content)) }];
  const applied: AppliedDecisions = { layers, decisions: [{ id: "d1" }] };
  return put(JSON.stringify(applied));
}
