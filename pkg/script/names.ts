import type { Problems } from "./problem.ts";
import { shownText } from "./shown.ts";
import type { Entry, Tree } from "./tree.ts";

const RESERVED_TABLE_PREFIXES = ["idx", "wf", "system"];
const MAX_NAME = 42;
const MAX_FIELDS = 254;
const RESERVED_FIELDS = new Set(["rowid", "batch_idx"]);
/** These cannot stand after a prefix in an expression (spec/expressions.md 1.2). */
const GO_KEYWORDS = new Set(
  (
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package " +
    "range return select struct switch type var"
  ).split(" "),
);

const OTHER_NAME = "Choose another name.";
const TOO_LONG = { hint: `Shorten it to ${MAX_NAME} characters.` };

export function checkTableName(problems: Problems, tree: Tree, label: string, name: string): void {
  const prefix = RESERVED_TABLE_PREFIXES.find((each) => name.startsWith(each));
  const shown = `${label}: the table name ${shownText(name)}`;
  if (prefix !== undefined)
    problems.add("NAME", tree, `${shown} begins with the reserved word ${prefix}`, {
      hint: `Names must not begin with ${RESERVED_TABLE_PREFIXES.join(", ")}.`,
    });
  if (!/^\w+$/.test(name))
    problems.add("NAME", tree, `${shown} may hold only letters, digits and _`);
  if (name.length > MAX_NAME)
    problems.add("NAME", tree, `${shown} is longer than ${MAX_NAME} characters`, TOO_LONG);
}

export function checkIndexName(problems: Problems, entry: Entry, label: string): void {
  const { key, value } = entry;
  const place = { offset: entry.keyOffset, path: value.path };
  const shown = `${label}: the index name ${shownText(key)}`;
  if (!/^idx\w+$/.test(key))
    problems.addAt("NAME", place, `${shown} must be idx followed by letters, digits or _`, {
      hint: "Begin the name with idx_.",
    });
  if (key.length > MAX_NAME)
    problems.addAt("NAME", place, `${shown} is longer than ${MAX_NAME} characters`, TOO_LONG);
}

/** Field names are columns of a table: letters, digits and _, no reserved word, unique whatever the case. */
export function checkFieldNames(
  problems: Problems,
  entries: readonly Entry[],
  label: string,
): void {
  const spellings = new Map<string, string>();
  for (const { key, keyOffset, value } of entries) {
    const fault = fieldNameFault(key) ?? collision(spellings, key);
    const place = { offset: keyOffset, path: value.path };
    if (fault === undefined) continue;
    const { message, ...details } = fault;
    problems.addAt("NAME", place, `${label}: the field name ${shownText(key)} ${message}`, details);
  }
  const excess = entries[MAX_FIELDS];
  if (excess !== undefined)
    problems.addAt(
      "LIMIT",
      { offset: excess.keyOffset, path: excess.value.path },
      `${label}: ${entries.length} fields are more than the ${MAX_FIELDS} a table can have`,
    );
}

/** Any name but one that objects of JavaScript do not take for a name. */
export function checkColumnNames(
  problems: Problems,
  entries: readonly Entry[],
  label: string,
): void {
  for (const { key, keyOffset, value } of entries)
    if (key === "__proto__")
      problems.addAt(
        "NAME",
        { offset: keyOffset, path: value.path },
        `${label}: the column name ${shownText(key)} cannot be used`,
        { hint: OTHER_NAME },
      );
}

interface NameFault {
  readonly message: string;
  readonly hint?: string;
}

function fieldNameFault(name: string): NameFault | undefined {
  if (RESERVED_FIELDS.has(name.toLowerCase()))
    return { message: "is reserved for the table itself", hint: OTHER_NAME };
  if (!/^[A-Za-z]\w*$/.test(name))
    return { message: "must be a letter followed by letters, digits or _" };
  return GO_KEYWORDS.has(name)
    ? { message: "is a word of the expression language", hint: OTHER_NAME }
    : undefined;
}

function collision(spellings: Map<string, string>, name: string): NameFault | undefined {
  const other = spellings.get(name.toLowerCase());
  spellings.set(name.toLowerCase(), name);
  return other === undefined
    ? undefined
    : { message: `differs from ${shownText(other)} only in case`, hint: "Rename one of them." };
}
