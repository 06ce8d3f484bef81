import { PROBLEM_HINTS, type ProblemCode } from "./problem-codes.ts";
import { sourceOffset } from "./source-offset.ts";
import type { SourceText } from "./source-text.ts";
import type { Tree } from "./tree.ts";

/** One thing that is wrong or suspicious in what the author wrote. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly code: ProblemCode;
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Where in the script: `nodes.read.w.fields.qty.expression`; "" for the whole file. */
  readonly path: string;
  readonly hint: string;
}

export interface ProblemDetails {
  /** Place inside the text of a scalar, UTF-16 offset in the text after parameters were put in. */
  readonly at?: number;
  readonly hint?: string;
  readonly severity?: Problem["severity"];
}

/** Collects everything that is found in one file, so that the author sees all of it at once. */
export class Problems {
  readonly #source: SourceText;
  readonly #found: Problem[] = [];

  constructor(source: SourceText) {
    this.#source = source;
  }

  get hasErrors(): boolean {
    return this.#found.some((problem) => problem.severity === "error");
  }

  get count(): number {
    return this.#found.length;
  }

  add(code: ProblemCode, tree: Tree, message: string, details: ProblemDetails = {}): void {
    const offset = sourceOffset(this.#source.text, tree, details.at);
    this.addAt(code, { offset, path: tree.path }, message, details);
  }

  addAt(
    code: ProblemCode,
    place: { readonly offset: number; readonly path: string },
    message: string,
    details: ProblemDetails = {},
  ): undefined {
    const { line, column } = this.#source.position(place.offset);
    const { severity = "error", hint = PROBLEM_HINTS[code] } = details;
    const file = this.#source.file;
    this.#found.push({ severity, code, message, file, line, column, path: place.path, hint });
  }

  /** In the order of the file; an identical problem is listed once. */
  list(): readonly Problem[] {
    const seen = new Set<string>();
    return this.#found
      .toSorted((a, b) => a.line - b.line || a.column - b.column)
      .filter((problem) => {
        const key = formatProblem(problem);
        return seen.has(key) ? false : seen.add(key);
      });
  }
}

function formatProblem({ severity, code, message, file, line, column, path }: Problem): string {
  const where = path === "" || message.startsWith(path) ? "" : `${path}: `;
  return `${file}:${line}:${column} ${severity} ${code} ${where}${message}`;
}

/** The list as people read it: one problem a line with its place first, the way out on the line below. */
export const formatProblems = (problems: readonly Problem[]): string =>
  problems.map((problem) => `${formatProblem(problem)}\n    ${problem.hint}`).join("\n");
