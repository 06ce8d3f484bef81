import { counted } from "#pkg/fault";

interface Decided {
  readonly corrected: number;
  readonly waived: number;
}

/** `2 corrected rows and 1 waived row`, without what is none. */
export const decidedText = ({ corrected, waived }: Decided): string =>
  [decidedRows(corrected, "corrected"), decidedRows(waived, "waived")]
    .filter((text) => text !== "")
    .join(" and ");

const decidedRows = (rows: number, what: string): string =>
  rows === 0 ? "" : counted(rows, `${what} row`);
