/** Runs a step; an error that is expected of it becomes a result, any other is a defect and passes through. */
export function rescue<Result, Expected>(
  step: () => Result,
  isExpected: (error: unknown) => error is Expected,
  handle: (error: Expected) => Result,
): Result {
  try {
    return step();
  } catch (error) {
    if (isExpected(error)) return handle(error);
    throw error;
  }
}
