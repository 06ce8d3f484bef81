/** How many arguments a function takes by position. */
export interface Arity {
  readonly least: number;
  readonly most: number;
}

/** What can be called in the code of a node, as far as it can be told without running it. */
export interface PythonNames {
  readonly functions: ReadonlyMap<string, Arity>;
  /** Names that code brings in other ways: imports, assignments, classes, nested definitions. */
  readonly others: ReadonlySet<string>;
  /** `from x import *`: any name may exist. */
  readonly isOpen: boolean;
}

const COMMENT_OR_TEXT =
  /#[^\n]*|[rbuf]{0,2}("""|''')(?:\\[^]|(?!\1)[^])*(?:\1|$)|[rbuf]{0,2}(["'])(?:\\[^]|(?!\2)[^\\\n])*\2?/gi;
const DEFINITION = /^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(/gm;
/** Groups of names that statements bind. */
const BINDINGS = [
  /^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+((?:\([^)]*\)|[^\n;(])+)/gm,
  /^[ \t]*(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*(?::[^=\n]+)?=(?!=)/gm,
  /^[ \t]*class[ \t]+(\w+)/gm,
];
const STAR_IMPORT = /^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+\*/m;

/** Looks at Python source without running it. */
export function pythonNames(sources: readonly string[]): PythonNames {
  const functions = new Map<string, Arity>();
  const others = new Set<string>();
  const codes = sources.map(withoutTexts);
  for (const code of codes) {
    for (const { 0: whole, 1: indent = "", 2: name = "", index } of code.matchAll(DEFINITION)) {
      const list = indent === "" ? parameters(code, index + whole.length) : undefined;
      if (list === undefined) others.add(name);
      else functions.set(name, arityOf(list));
    }
    const lists = BINDINGS.flatMap((binding) =>
      [...code.matchAll(binding)].map(([, list]) => list),
    );
    for (const [word] of lists.join(" ").matchAll(/\w+/g)) others.add(word);
  }
  return { functions, others, isOpen: codes.some((code) => STAR_IMPORT.test(code)) };
}

/** The same lines, comments empty and texts without content, so that nothing in them counts. */
const withoutTexts = (source: string): string =>
  source.replaceAll(COMMENT_OR_TEXT, (text) =>
    text.replaceAll(/[^\n]/g, text.startsWith("#") ? " " : "_"),
  );

/** The parts between commas of the list that begins at `from`, up to its closing parenthesis; none without one: Python tells where. */
function parameters(code: string, from: number): readonly string[] | undefined {
  const parts: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < code.length; at += 1) {
    const character = code[at] as string;
    if ("([{".includes(character)) depth += 1;
    else if (depth > 0 && ")]}".includes(character)) depth -= 1;
    else if (depth === 0 && (character === "," || character === ")")) {
      parts.push(code.slice(start, at).trim());
      start = at + 1;
      if (character === ")") return parts;
    }
  }
  return undefined;
}

function arityOf(list: readonly string[]): Arity {
  let [least, most] = [0, 0];
  for (const part of list) {
    if (part === "" || part === "/" || part.startsWith("**")) continue;
    // What follows a star is given by name, which formulas cannot do.
    if (part.startsWith("*"))
      return { least, most: part === "*" ? most : Number.POSITIVE_INFINITY };
    most += 1;
    if (!part.includes("=")) least += 1;
  }
  return { least, most };
}
