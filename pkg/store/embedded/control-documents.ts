import { Fault } from "#pkg/fault";
import type { ManifestBatch } from "#pkg/workflow";
import { documentHash, manifestId } from "../content-hash.ts";
import type { ControlStore } from "../control.ts";
import type { ControlEnvironment } from "./control-environment.ts";
import { keys } from "./control-keys.ts";

type Documents = Pick<ControlStore, "putDocument" | "document" | "putManifest" | "manifest">;

const BATCHES_PER_PAGE = 1000;

/**
 * Content-addressed records: written once under the hash of what they hold, checked against it when read. Only committed: the
 * record that names them is flushed after them, and takes them along.
 */
export const controlDocuments = (environment: ControlEnvironment): Documents => ({
  async putDocument(text) {
    const hash = documentHash(text);
    const key = keys.document(hash);
    if (environment.read((transaction) => transaction.get(key)) === undefined) {
      await environment.write((transaction) => transaction.put(key, text), "committed");
    }
    return hash;
  },

  async document(hash) {
    const text = environment.read((transaction) => transaction.get(keys.document(hash)));
    if (text !== undefined && documentHash(text) === hash) return text;
    throw new Fault("STORE_DAMAGED", `the frozen document ${hash} is missing or damaged`, {
      facts: { document: hash },
    });
  },

  async putManifest(manifest) {
    const id = manifestId(manifest);
    const { batches, ...rest } = manifest;
    const pages = pagesOf(batches);
    const { incarnation } = manifest;
    await environment.write((transaction) => {
      for (const [page, content] of pages.entries()) {
        transaction.put(keys.manifestPage(incarnation, id, page), content);
      }
      transaction.put(keys.manifest(incarnation, id), { ...rest, pages: pages.length });
    }, "committed");
    return id;
  },

  async manifest(incarnation, id) {
    const manifest = environment.read((transaction) => {
      const stored = transaction.get(keys.manifest(incarnation, id));
      if (stored === undefined) return undefined;
      const { pages, ...rest } = stored;
      const batches: ManifestBatch[] = [];
      for (let page = 0; page < pages; page += 1) {
        const key = keys.manifestPage(incarnation, id, page);
        batches.push(...(transaction.get(key) ?? []));
      }
      return { ...rest, batches };
    });
    if (manifest !== undefined && manifestId(manifest) === id) return manifest;
    throw new Fault("TABLE_DAMAGED", `the manifest ${id} is missing or damaged`, {
      facts: { incarnation, manifest: id },
    });
  },
});

function pagesOf(batches: readonly ManifestBatch[]): (readonly ManifestBatch[])[] {
  const pages: (readonly ManifestBatch[])[] = [];
  for (let from = 0; from < batches.length; from += BATCHES_PER_PAGE) {
    pages.push(batches.slice(from, from + BATCHES_PER_PAGE));
  }
  return pages;
}
