import { isFault } from "#pkg/fault";
import { nodeNamed, ownerOfTable, type Script } from "#pkg/script";
import { compileCellReader, parseDefault, type FieldType } from "#pkg/value";

/** What can be corrected in the rows that nodes read. */
export interface SourceCells {
  /** What is wrong with a text, if anything. */
  problem(node: string, name: string, text: string): string | undefined;
  /** Whether the node reads it also where a record does not have it: columns of files, never fields of tables. */
  mayBeRead(node: string, name: string): boolean;
}

type Problem = (text: string) => string | undefined;

interface Cells {
  readonly isFile: boolean;
  readonly problems: ReadonlyMap<string, Problem>;
}

export function sourceCells(script: Script): SourceCells {
  const known = new Map<string, Cells>();
  const of = (node: string): Cells => {
    const cells = known.get(node) ?? cellsOf(script, node);
    known.set(node, cells);
    return cells;
  };
  return {
    problem: (node, name, text) => of(node).problems.get(name)?.(text),
    mayBeRead: (node, name) => of(node).isFile && of(node).problems.has(name),
  };
}

function cellsOf(script: Script, name: string): Cells {
  const node = nodeNamed(script, name);
  if (node.kind !== "file_table") {
    const fields = ownerOfTable(script, node.reader.table)?.writer.fields ?? [];
    return { isFile: false, problems: problemsOf(fields) };
  }
  if (node.reader.format === "parquet")
    return { isFile: true, problems: problemsOf(node.reader.columns) };
  const columns = node.reader.columns.map((column) => [column.name, cellProblem(column)] as const);
  return { isFile: true, problems: new Map(columns) };
}

const problemsOf = (
  fields: readonly { readonly name: string; readonly type: FieldType }[],
): ReadonlyMap<string, Problem> =>
  new Map(fields.map(({ name, type }) => [name, valueProblem(type)]));

function cellProblem(column: Parameters<typeof compileCellReader>[0]): Problem {
  const read = compileCellReader(column);
  return (text) => {
    try {
      read(text);
      return undefined;
    } catch (error) {
      if (isFault(error)) return error.message;
      throw error;
    }
  };
}

const valueProblem =
  (type: FieldType): Problem =>
  (text) =>
    type === "string" || parseDefault(type, text) !== undefined
      ? undefined
      : `${JSON.stringify(text)} is not ${type === "int" ? "an" : "a"} ${type}`;
