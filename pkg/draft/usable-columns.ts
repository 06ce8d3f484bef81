import { Fault } from "#pkg/fault";
import type { GuessedDraft } from "./finding.ts";
import { isReference, MAX_FIELDS } from "./names.ts";

/** Without the columns that no script can name, and without those that a table has no room for. */
export function usableColumns(guessed: GuessedDraft): GuessedDraft {
  const { draft, findings, layouts } = guessed;
  const { columns, url } = draft;
  const isNameable = columns.map(({ header }) => !isReference(header));
  const places = isNameable.flatMap((is, at) => (is ? [at] : []));
  if (places.length === 0)
    throw new Fault("HEADER_INVALID", `${url} has only columns that scripts take for parameters`, {
      facts: { url, headers: columns.map(({ header }) => header) },
    });
  const kept = new Set(places.slice(0, MAX_FIELDS));
  if (kept.size === columns.length) return guessed;
  const only = <T>(list: readonly T[]): readonly T[] => list.filter((_, at) => kept.has(at));
  const why = [
    ...(places.length > MAX_FIELDS ? [`a table has at most ${MAX_FIELDS} fields`] : []),
    ...(isNameable.includes(false) ? ["scripts take names like {this} for parameters"] : []),
  ].join("; ");
  const found = `${kept.size} of ${columns.length}`;
  return {
    draft: { ...draft, columns: only(columns) },
    findings: [
      ...findings.slice(0, -columns.length),
      { what: "columns", found, confidence: "certain", why },
      ...only(findings.slice(-columns.length)),
    ],
    layouts: only(layouts),
  };
}
