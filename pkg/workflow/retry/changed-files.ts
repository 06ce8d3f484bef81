import { shownUrl } from "#pkg/fault";
import type { FrozenInput } from "../records.ts";

/** Facts about the input files, in node and URL order: as the retried run froze them, and as they are now. */
export interface InputFacts {
  readonly before: readonly FrozenInput[];
  readonly now: readonly FrozenInput[];
}

export const filesOf = ({ before, now }: InputFacts, name: string): InputFacts => ({
  before: before.filter(({ node }) => node === name),
  now: now.filter(({ node }) => node === name),
});

export interface FileChange {
  readonly kind: "changed" | "gone";
  /** As messages show it. */
  readonly url: string;
}

/**
 * What became of file number `at` of a node since the retried run froze it; undefined when it is the same, or when that run
 * never had it.
 */
export function changeOf({ before, now }: InputFacts, at: number): FileChange | undefined {
  const found = now[at];
  const frozen = before.find(({ url }) => url === found?.url);
  if (frozen === undefined || found === undefined || frozen.missing !== undefined) return undefined;
  const url = shownUrl(found.url);
  if (found.missing !== undefined) return { kind: "gone", url };
  const isSame = frozen.size === found.size && frozen.version === found.version;
  return isSame ? undefined : { kind: "changed", url };
}
