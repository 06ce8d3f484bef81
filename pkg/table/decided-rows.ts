import {
  concernsNode,
  isSameSource,
  readDecisionContent,
  sourceKey,
  type DecisionContent,
  type DecisionLayer,
  type RowSource,
  type WaivedRows,
} from "#pkg/workflow";
import { DecisionPages, type LoadDocument } from "./decision-pages.ts";
import { SourceDecisions, type PartRun, type StoredPart } from "./source-decisions.ts";

interface OpenLayer extends DecisionContent {
  readonly concerns: (node: string) => boolean;
}

/** What is known about one source without its rows. */
interface SourceEntry {
  readonly source: RowSource;
  readonly runs: StoredPart[][];
  readonly reasons: Set<string | undefined>;
}

/**
 * What people decided about rejected rows, later layers over earlier ones. Memory: where the pages are and the last few of them; each
 * source that is opened holds its own.
 */
export class DecidedRows {
  readonly #sources = new Map<string, SourceEntry>();
  readonly #pages: DecisionPages;

  constructor(layers: readonly OpenLayer[], load: LoadDocument) {
    this.#pages = new DecisionPages(load);
    for (const layer of layers) this.#add(layer);
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  of(source: RowSource): SourceDecisions {
    const entry = this.#sources.get(sourceKey(source));
    return new SourceDecisions(source, entry?.runs ?? [], entry?.reasons ?? NONE, this.#pages);
  }

  /** The same for rows of which those of one source come one after the other. */
  inTurn(): (source: RowSource) => SourceDecisions {
    let last: RowSource = { node: "", input: "", file: "" };
    let decisions = this.of(last);
    return (source) => {
      if (!isSameSource(last, source)) {
        const { node, input, file } = source;
        last = { node, input, file };
        decisions = this.of(last);
      }
      return decisions;
    };
  }

  /** Corrected rows, and waived ones together with rules that waive all rows of a source. */
  async count(): Promise<{ readonly corrected: number; readonly waived: number }> {
    let [corrected, waived] = [0, 0];
    for (const { source, runs, reasons } of this.#sources.values()) {
      const rows = runs.length > 1 ? await this.#countRows(source) : sumOf(runs[0] ?? []);
      corrected += rows.corrected;
      waived += rows.waived + reasons.size;
    }
    return { corrected, waived };
  }

  async #countRows(source: RowSource): Promise<Pick<StoredPart, "corrected" | "waived">> {
    let [corrected, waived] = [0, 0];
    for await (const rows of this.of(source).between(0, Number.POSITIVE_INFINITY))
      for (const [, decision] of rows)
        if (decision === "waived") waived += 1;
        else corrected += 1;
    return { corrected, waived };
  }

  #add({ pages, rules, concerns }: OpenLayer): void {
    const begun = new Set<SourceEntry>();
    for (const { document, parts } of pages)
      for (const part of parts) {
        if (!concerns(part.node)) continue;
        const entry = this.#entry(part);
        const run = begun.has(entry) ? entry.runs.at(-1) : undefined;
        begun.add(entry);
        const stored = { ...part, document };
        if (run === undefined || lastOf(run) >= part.first) entry.runs.push([stored]);
        else run.push(stored);
      }
    for (const rule of rules) if (concerns(rule.node)) this.#entry(rule).reasons.add(rule.reason);
  }

  #entry(rows: RowSource | WaivedRows): SourceEntry {
    const key = sourceKey(rows);
    const { node, input, file } = rows;
    const entry = this.#sources.get(key) ?? {
      source: { node, input, file },
      runs: [],
      reasons: new Set(),
    };
    this.#sources.set(key, entry);
    return entry;
  }
}

const NONE: ReadonlySet<string | undefined> = new Set();

const lastOf = (run: PartRun): number => run.at(-1)?.last ?? 0;

function sumOf(run: PartRun): Pick<StoredPart, "corrected" | "waived"> {
  let [corrected, waived] = [0, 0];
  for (const part of run) {
    corrected += part.corrected;
    waived += part.waived;
  }
  return { corrected, waived };
}

export async function openDecidedRows(
  layers: readonly DecisionLayer[],
  load: LoadDocument,
): Promise<DecidedRows> {
  const open: OpenLayer[] = [];
  for (const layer of layers) {
    const content = readDecisionContent(layer.document, await load(layer.document));
    open.push({ ...content, concerns: (node) => concernsNode(layer, node) });
  }
  return new DecidedRows(open, load);
}

export const NOTHING_DECIDED = new DecidedRows([], () => {
  throw new Error("nothing was decided, so there is no page");
});
