interface Decided {
  readonly corrected: number;
  readonly waived: number;
}

/** `2 corrected rows and 1 waived row`, without what is none. */
export const decidedText = ({ corrected, waived }: Decided): string =>
  [counted(corrected, "corrected"), counted(waived, "waived")]
    .filter((text) => text !== "")
    .join(" and ");

const counted = (rows: number, what: string): string =>
  rows === 0 ? "" : `${rows} ${what} ${rows === 1 ? "row" : "rows"}`;
