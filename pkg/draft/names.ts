/** Words that an expression cannot use after a prefix, and names that tables keep for themselves. */
const RESERVED = new Set(
  (
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package " +
    "range return select struct switch type var rowid batch_idx"
  ).split(" "),
);
const RESERVED_TABLES = /^(?:idx|wf|system)/;
const MAX_TABLE = 42;
/** That a table can have. */
export const MAX_FIELDS = 254;
const REFERENCE = /\{ *\w+ *(?:\| *(?:string|number|bool|stringlist) *)?\}/;

/** Whether a script would take it, or part of it, for a parameter. */
export const isReference = (text: string): boolean => REFERENCE.test(text);

const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_]/g, "_");

/** Field names for headers: letters, digits and _, usable in expressions, no two alike whatever their case. */
export function fieldNames(headers: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return headers.map((header, at) => {
    const base = usable(plain(header), at);
    let name = base;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${base}_${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

function usable(text: string, at: number): string {
  if (/^_*$/.test(text)) return `column_${String(at).padStart(3, "0")}`;
  return /^[A-Za-z]/.test(text) && !RESERVED.has(text.toLowerCase()) ? text : `f_${text}`;
}

/** Table name for a file name. */
export function tableName(file: string): string {
  const name = plain(file);
  return (RESERVED_TABLES.test(name) || name === "" ? `t_${name}` : name).slice(0, MAX_TABLE);
}
