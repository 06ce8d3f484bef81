import {
  isSameSource,
  readPage,
  type DecidedRow,
  type RowSource,
  type SourceRows,
} from "#pkg/workflow";

/** Gives the text of a frozen document. */
export type LoadDocument = (hash: string) => Promise<string>;

/** Pages with many small sources are read for one after the other. */
const KEPT = 2;

interface KeptPage {
  readonly document: string;
  readonly sources: readonly SourceRows[];
}

/** Reads pages of decisions about rejected rows. Memory: the last few pages. */
export class DecisionPages {
  readonly #load: LoadDocument;
  /** The newest first. No map: each time it grows its old table points to the new one, which chains all pages for the collector. */
  #kept: readonly KeptPage[] = [];

  constructor(load: LoadDocument) {
    this.#load = load;
  }

  async rows(document: string, source: RowSource): Promise<readonly DecidedRow[]> {
    const page =
      this.#kept.find((kept) => kept.document === document) ?? (await this.#read(document));
    return page.sources.find((each) => isSameSource(each, source))?.rows ?? [];
  }

  async #read(document: string): Promise<KeptPage> {
    const page = { document, sources: readPage(await this.#load(document)) };
    this.#kept = [page, ...this.#kept.slice(0, KEPT - 1)];
    return page;
  }
}
