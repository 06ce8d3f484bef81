import { Fault } from "#pkg/fault";
import type { Manifest } from "#pkg/workflow";
import { canonicalJson } from "../canonical-json.ts";
import { documentHash, manifestId } from "../content-hash.ts";
import type { ControlStore } from "../control.ts";
import type { Backend } from "./backend.ts";
import { KeptValues } from "./kept-values.ts";
import type { DocumentPlace } from "./statements/documents.ts";

type Documents = Pick<ControlStore, "putDocument" | "document" | "putManifest" | "manifest">;

const PAGE_BYTES = 512 * 1024;
const PAGES_AT_ONCE = 8;
/** Of manifests, by the length of their text: every unit of a node reads the manifest of its source. */
const KEPT_BYTES = 4 << 20;

const ofDocument = (hash: string): DocumentPlace => ({ scope: "", place: hash, hash });
const ofManifest = (incarnation: string, hash: string): DocumentPlace => ({
  scope: incarnation,
  place: "",
  hash,
});

/** Content-addressed texts in pages: written once under the hash of what they hold, checked against it when read. */
export function controlDocuments(backend: Backend): Documents {
  const kept = new KeptValues<Manifest>(KEPT_BYTES);
  return {
    async putDocument(text) {
      const hash = documentHash(text);
      await put(backend, ofDocument(hash), text);
      return hash;
    },

    async document(hash) {
      const text = await get(backend, ofDocument(hash));
      if (text !== undefined && documentHash(text) === hash) return text;
      throw new Fault("STORE_DAMAGED", `the frozen document ${hash} is missing or damaged`, {
        facts: { document: hash },
      });
    },

    async putManifest(manifest) {
      const id = manifestId(manifest);
      await put(backend, ofManifest(manifest.incarnation, id), canonicalJson(manifest));
      return id;
    },

    async manifest(incarnation, id) {
      const name = `${incarnation} ${id}`;
      const known = kept.get(name);
      if (known !== undefined) return known;
      const text = await get(backend, ofManifest(incarnation, id));
      const manifest = text === undefined ? undefined : (JSON.parse(text) as Manifest);
      if (manifest !== undefined && manifestId(manifest) === id) {
        kept.keep(name, manifest, text?.length ?? 0);
        return manifest;
      }
      throw new Fault("TABLE_DAMAGED", `the manifest ${id} is missing or damaged`, {
        facts: { incarnation, manifest: id },
      });
    },
  };
}

async function put(
  { cql, statements }: Backend,
  place: DocumentPlace,
  text: string,
): Promise<void> {
  const bytes = Buffer.from(text);
  const pages = Math.max(1, Math.ceil(bytes.length / PAGE_BYTES));
  for (let page = 0; page < pages; page += 1) {
    const data = bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    await cql.write(statements.putPage(place, { page, pages, data }));
  }
}

/** Undefined when a page is missing. */
async function get(
  { cql, statements }: Backend,
  place: DocumentPlace,
): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let pages = 1;
  let next: string | undefined;
  do {
    const found = await cql.page(statements.pages(place), PAGES_AT_ONCE, next);
    for (const row of found.rows) {
      pages = row["pages"] as number;
      parts.push(row["data"] as Buffer);
    }
    ({ next } = found);
  } while (next !== undefined);
  return parts.length === pages ? Buffer.concat(parts).toString() : undefined;
}
