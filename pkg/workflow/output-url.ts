const padded = (number: number): string => String(number).padStart(5, "0");

/** The file a batch writes: {batch_idx} and {run_id} as five digits (spec/script.md 1.3). */
export const outputUrl = (template: string, run: number, batch: number): string =>
  template
    .replaceAll(/\{batch_idx(\|string)?\}/g, padded(batch))
    .replaceAll(/\{run_id(\|string)?\}/g, padded(run));
