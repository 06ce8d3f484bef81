// The licences of the libraries whose code a bundle holds, as they ask for.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^licen[cs]e(?:\.(?:md|txt))?$/i;

/**
 * @param {string} root
 * @param {import("esbuild").Metafile} metafile
 * @returns {string}
 */
export function licencesOf(root, metafile) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const name = PACKAGE.exec(input)?.[1];
    if (name !== undefined) names.add(name);
  }
  const texts = Array.from(names, (name) => licenceOf(root, name));
  texts.sort();
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * @param {string} root
 * @param {string} name
 */
function licenceOf(root, name) {
  const folder = join(root, "node_modules", name);
  const file = readdirSync(folder).find((entry) => LICENCE.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled but has no licence file`);
  return `${name}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
