const DIGITS = 5;

/** The target of one batch; built-in parameters are padded to five digits (spec/script.md 1.3). */
export function targetUrl(template: string, run: number, batch: number): string {
  const padded = (value: number): string => String(value).padStart(DIGITS, "0");
  return template
    .replaceAll(/\{\s*batch_idx\s*(?:\|\s*string\s*)?\}/g, padded(batch))
    .replaceAll(/\{\s*run_id\s*(?:\|\s*string\s*)?\}/g, padded(run));
}
