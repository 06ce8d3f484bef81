const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

/** Exactly the twelve bool texts; undefined for anything else (spec/expressions.md 5.3). */
export const parseBool = (text: string): boolean | undefined => BOOLS.get(text);
