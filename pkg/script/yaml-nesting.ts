import { yaml } from "./yaml-library.ts";

const DEEPER: ReadonlySet<string> = new Set(["flow-map-start", "flow-seq-start"]);
const HIGHER: ReadonlySet<string> = new Set(["flow-map-end", "flow-seq-end"]);
const INLINE: ReadonlySet<string> = new Set(["seq-item-ind", "explicit-key-ind"]);

/**
 * Where YAML text nests deeper than `most`, by brackets or by `- - -` within a line: the parser of the library calls itself for
 * each level, so it must not see such text. Undefined: nowhere.
 */
export function tooDeepAt(text: string, most: number): number | undefined {
  const { CST, Lexer } = yaml();
  let depth = 0;
  let inline = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? "";
    if (DEEPER.has(type)) depth += 1;
    else if (HIGHER.has(type)) depth -= 1;
    else if (INLINE.has(type)) inline += 1;
    else if (type === "newline") inline = 0;
    if (depth > most || inline > most) return offset;
    // Marks of the lexer's own (begin of document, plain scalar) stand for no text.
    if (type !== "doc-mode" && type !== "flow-error-end" && type !== "scalar")
      offset += token.length;
  }
  return undefined;
}
