const ENDS = ["drain", "close", "error"] as const;

/** Resolves when the stream takes more, or never will. */
export const drained = (
  stream: NodeJS.WritableStream & {
    readonly writableNeedDrain: boolean;
    readonly destroyed: boolean;
  },
): Promise<void> =>
  new Promise((resolve) => {
    if (!stream.writableNeedDrain || stream.destroyed) {
      resolve();
      return;
    }
    const end = (): void => {
      for (const event of ENDS) stream.off(event, end);
      resolve();
    };
    for (const event of ENDS) stream.on(event, end);
  });
