/** A CQL text with its parameters; texts are constant, so the server prepares each of them once. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
  /** In a few words, for messages. */
  readonly what: string;
}

/** Rows as the driver hands them out. */
export type Row = Readonly<Record<string, unknown>>;

/** What a conditional write answers; a refused one tells the row that stands in its way, as far as it is known. */
export type Applied =
  { readonly applied: true } | { readonly applied: false; readonly row: Row | undefined };

export const statement = (
  what: string,
  text: string,
  ...parameters: readonly unknown[]
): Statement => ({ text, parameters, what });

/** A name in double quotes, so that case counts. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
