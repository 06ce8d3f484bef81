import { suggestion } from "#pkg/expression";

/** A hint that names the most likely intended word; undefined when none is near. */
export function suggested(word: string, candidates: Iterable<string>): string | undefined {
  const near = suggestion(
    word,
    [...candidates].filter((each) => each !== ""),
  );
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** The hint as problem details, empty when there is none so that the general one of the code is used. */
export function hinted(word: string, candidates: Iterable<string>): { readonly hint?: string } {
  const hint = suggested(word, candidates);
  return hint === undefined ? {} : { hint };
}
