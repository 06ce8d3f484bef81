import type { Decimal } from "#pkg/value";

interface At {
  /** UTF-16 offset in the expression text: of a literal or name its start, of an operator the operator itself. */
  readonly offset: number;
}

export type LiteralValue =
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "decimal2"; readonly value: Decimal }
  | { readonly kind: "string"; readonly value: string };

/** `raw` is the source text; quotes and backticks of strings count in some places (spec Q13, Q16). */
export type Literal = At & LiteralValue & { readonly type: "literal"; readonly raw: string };

export interface Name extends At {
  readonly type: "name";
  readonly name: string;
}

export interface Field extends At {
  readonly type: "field";
  readonly prefix: string;
  readonly name: string;
}

export interface Call extends At {
  readonly type: "call";
  /** Full dotted name. */
  readonly name: string;
  readonly args: readonly Tree[];
}

export interface Unary extends At {
  readonly type: "unary";
  readonly operator: string;
  readonly operand: Tree;
}

export interface Binary extends At {
  readonly type: "binary";
  readonly operator: string;
  readonly left: Tree;
  readonly right: Tree;
}

/** What was written, before names and kinds are resolved. Parentheses are gone. */
export type Tree = Literal | Name | Field | Call | Unary | Binary;

export const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["||", 1],
  ["&&", 2],
  ...["==", "!=", "<", "<=", ">", ">="].map((operator) => [operator, 3] as const),
  ...["+", "-", "|", "^"].map((operator) => [operator, 4] as const),
  ...["*", "/", "%", "<<", ">>", "&", "&^"].map((operator) => [operator, 5] as const),
]);
const UNARY_LEVEL = 6;

/** Source text with only the parentheses that are needed; parsing it gives the same tree but for offsets. */
export function printTree(tree: Tree): string {
  return print(tree, 0);
}

function print(tree: Tree, level: number): string {
  switch (tree.type) {
    case "literal":
      return tree.raw;
    case "name":
      return tree.name;
    case "field":
      return `${tree.prefix}.${tree.name}`;
    case "call":
      return `${tree.name}(${tree.args.map(printTree).join(", ")})`;
    case "unary":
      return printUnary(tree);
    case "binary": {
      const own = PRECEDENCE.get(tree.operator) as number;
      const text = `${print(tree.left, own)} ${tree.operator} ${print(tree.right, own + 1)}`;
      return own < level ? `(${text})` : text;
    }
  }
}

/** A blank keeps two minus signs from becoming the token --. */
function printUnary(tree: Unary): string {
  const operand = print(tree.operand, UNARY_LEVEL);
  return operand.startsWith("-") ? `${tree.operator} ${operand}` : tree.operator + operand;
}
