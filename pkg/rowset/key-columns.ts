import { upperCase } from "#pkg/value";
import type { FieldType } from "#pkg/value";
import type { Column, Rowset, StringColumn } from "./column.ts";
import { compactStrings } from "./compact-strings.ts";
import { columnOf } from "./rowset.ts";
import { stringColumn } from "./string-column.ts";
import { encodeTexts, textsOf } from "./texts.ts";

/** What makes a component of a key; the shape of a script's KeyComponent without the direction. */
export interface KeyPart {
  readonly field: string;
  readonly type: FieldType;
  readonly ignoreCase: boolean;
  readonly length?: number;
}

/** The first characters (code points). */
function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  let end = 0;
  for (let left = count; left > 0 && end < text.length; left--)
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

function modified(column: StringColumn, { ignoreCase, length }: KeyPart): StringColumn {
  const sparse = column.codes !== undefined && column.codes.length < column.offsets.length - 1;
  const source = sparse ? compactStrings(column) : column;
  const cut = (text: string): string =>
    length === undefined ? text : firstCharacters(text, length);
  const texts = textsOf(source).map((text) => (ignoreCase ? upperCase(cut(text)) : cut(text)));
  return stringColumn(source.codes, encodeTexts(texts));
}

/** One component of a key with its modifiers applied; equality and hashes of the result are those of the key. */
const keyColumn = (column: Column, part: KeyPart): Column =>
  column.type === "string" && (part.ignoreCase || part.length !== undefined)
    ? modified(column, part)
    : column;

/** The columns of a key, modifiers applied once per dictionary entry. */
export const keyColumns = (rowset: Rowset, parts: readonly KeyPart[]): readonly Column[] =>
  parts.map((part) => keyColumn(columnOf(rowset, part.field), part));
