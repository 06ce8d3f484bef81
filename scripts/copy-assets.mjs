// Files that the compiled program reads beside its code.
import { chmodSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const ASSETS = ["pkg/script/schema.json"];

for (const asset of ASSETS) {
  const target = join(root, "dist", asset);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(root, asset), target);
}
const main = join(root, "dist", "toolbelt", "main.js");
if (existsSync(main)) chmodSync(main, 0o755);
