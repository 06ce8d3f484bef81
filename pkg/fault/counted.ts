/** `1 row`, `2 rows`, `0 batches`: for texts. `shown` is the number where it is to be written otherwise, `1,000,000`. */
export const counted = (count: number, noun: string, shown = String(count)): string =>
  `${shown} ${count === 1 ? noun : `${noun}${noun.endsWith("ch") ? "es" : "s"}`}`;
