// Apart from the rest, because other configuration files are read with places too, without the language of scripts.
export { JsonSyntaxError, readJson } from "../read-json.ts";
export { sourceText, type SourceText } from "../source-text.ts";
export { plainValue, type Tree } from "../tree.ts";
