import {
  isSameSource,
  pageText,
  partOf,
  sourceKey,
  sourceOf,
  type DecidedRow,
  type DecisionContent,
  type DecisionPage,
  type RowDecision,
  type RowSource,
  type WaivedRows,
} from "#pkg/workflow";
import type { OperatorPorts } from "./ports.ts";

const PAGE_ROWS = 1000;
/** Characters of texts. */
const PAGE_LENGTH = 256 * 1024;

type PageSource = RowSource & { readonly rows: DecidedRow[] };

/**
 * Writes what is decided about rejected rows page by page. A page is nothing without the decision that names it, and written again it
 * is the same document. Memory: one page, and where the others are.
 */
export class DecisionWriter {
  readonly #store: OperatorPorts["store"];
  readonly #pages: DecisionPage[] = [];
  readonly #rules = new Set<string>();
  #page = new Map<string, PageSource>();
  #last: PageSource | undefined;
  #rows = 0;
  #length = 0;
  corrected = 0;
  #waivedRows = 0;

  constructor(store: OperatorPorts["store"]) {
    this.#store = store;
  }

  get waived(): number {
    return this.#waivedRows + this.#rules.size;
  }

  /** Each row once. Rows that come by line need the fewest pages. */
  async row(source: RowSource, line: number, decision: RowDecision): Promise<void> {
    const before = this.#source(source).rows.at(-1)?.[0] ?? 0;
    const isFull = this.#rows >= PAGE_ROWS || this.#length >= PAGE_LENGTH;
    if (isFull || line <= before) await this.#write();
    this.#source(source).rows.push([line, decision]);
    this.#rows += 1;
    if (decision === "waived") this.#waivedRows += 1;
    else {
      this.corrected += 1;
      for (const name in decision) this.#length += (decision[name] as string).length;
    }
  }

  rule(rule: WaivedRows): void {
    this.#rules.add(JSON.stringify(rule));
  }

  /** Hash of the DecisionContent; undefined when nothing was decided. */
  async finish(): Promise<string | undefined> {
    await this.#write();
    if (this.corrected + this.waived === 0) return undefined;
    const rules = [...this.#rules].map((rule) => JSON.parse(rule) as WaivedRows);
    const content: DecisionContent = { pages: this.#pages, rules };
    return this.#store.putDocument(JSON.stringify(content));
  }

  #source(source: RowSource): PageSource {
    const last = this.#last;
    if (last !== undefined && isSameSource(last, source)) return last;
    const key = sourceKey(source);
    const rows = this.#page.get(key) ?? { ...sourceOf(key), rows: [] };
    this.#page.set(key, rows);
    this.#last = rows;
    return rows;
  }

  async #write(): Promise<void> {
    if (this.#rows === 0) return;
    const sources = [...this.#page.values()].filter(({ rows }) => rows.length > 0);
    this.#page = new Map();
    this.#last = undefined;
    this.#rows = 0;
    this.#length = 0;
    const document = await this.#store.putDocument(pageText(sources));
    this.#pages.push({ document, parts: sources.map(partOf) });
  }
}
