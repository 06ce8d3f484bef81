import type { Draft } from "./draft.ts";

/** One thing that was found out about a file, and how sure it is. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly confidence: "certain" | "likely" | "doubtful";
  readonly why: string;
}

export interface GuessedDraft {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  /** Layout for writing each column again, "" when it is no datetime. */
  readonly layouts: readonly string[];
}
