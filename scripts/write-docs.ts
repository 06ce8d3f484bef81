import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOCUMENTS } from "./documents.ts";

const folder = join(import.meta.dirname, "..", "docs");
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(DOCUMENTS)) writeFileSync(join(folder, name), text());
