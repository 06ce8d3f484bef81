/** What the library throws; no instance of Error. */
interface SyntaxProblem {
  readonly message?: string;
  readonly startLine?: number;
}

/**
 * JavaScript for TypeScript: types become blanks, so that lines and columns stay and nothing else changes. What would need code of
 * its own (enum, namespace, parameter properties) throws an Error that names the line.
 */
export async function eraseTypes(text: string): Promise<string> {
  // 3.6 MB that only TypeScript needs.
  const { transformSync } = await import("@swc/wasm-typescript");
  try {
    return transformSync(text, { mode: "strip-only" }).code;
  } catch (problem) {
    const { message = String(problem), startLine } = problem as SyntaxProblem;
    const place = startLine === undefined ? "" : ` (line ${startLine})`;
    throw new Error(`${message}${place}`, { cause: problem });
  }
}
