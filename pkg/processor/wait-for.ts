const LOOK_EVERY_MS = 100;

/** The answer; `checkpoint` is called while it is not there, and what it throws ends the waiting. */
export function waitFor<T>(answer: Promise<T>, checkpoint: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      try {
        checkpoint();
      } catch (error) {
        clearInterval(timer);
        reject(error);
      }
    }, LOOK_EVERY_MS);
    answer.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
