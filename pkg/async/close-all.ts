/** Closes in reverse order of opening, all of them whatever fails; the first error surfaces. */
export async function closeAll(opened: readonly (AsyncDisposable | Disposable)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const resource of opened.toReversed()) {
    try {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
