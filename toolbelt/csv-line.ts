/** One record of CSV with its line end. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(",")}\n`;

const cell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
