import { createHash } from "node:crypto";
import type { Manifest } from "#pkg/workflow";
import { canonicalJson } from "./canonical-json.ts";

/** Hex SHA-256 of the UTF-8 text: the name of a frozen document. */
export const documentHash = (text: string): string =>
  createHash("sha256").update(text).digest("hex");

/**
 * Name of a manifest, the same in every adapter however it cuts manifests into pages: SHA-256 over the canonical JSON of
 * everything but the batches and then of each batch, each followed by a line feed.
 */
export function manifestId(manifest: Manifest): string {
  const { batches, ...rest } = manifest;
  const hash = createHash("sha256").update(`${canonicalJson(rest)}\n`);
  for (const batch of batches) hash.update(`${canonicalJson(batch)}\n`);
  return hash.digest("hex");
}
