import { Fault } from "#pkg/fault";

const MAX_SHOWN = 100;

/** The beginning of a text in quotes. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** E-names of spec/expressions.md 2.7 that reading a cell can end in. */
export type CellCode = "E-convert" | "E-time" | "E-format" | "E-nan";

export const cellFault = (code: CellCode, message: string): Fault =>
  new Fault("CELL_INVALID", message, { facts: { code } });
