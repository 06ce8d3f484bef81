/**
 * For work that raises a Fault for each of many rows: a stack trace costs more time and memory than everything else about such a
 * row, and nobody reads it. The work is synchronous, so nothing else of the thread loses its traces.
 */
export function withoutTraces<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
