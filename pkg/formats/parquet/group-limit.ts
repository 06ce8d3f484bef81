import type { Column } from "#pkg/rowset";

const MAX_ROWS = 122_880;
const MAX_BYTES = 32 * 1024 * 1024;

export interface GroupPart {
  readonly from: number;
  readonly to: number;
  /** Rows of the group that ends behind this part; 0 when it goes on. */
  readonly rows: number;
}

/** Where row groups end: after a number of rows, or behind the row that brings their values to a number of bytes. */
export class GroupLimit {
  /** Rows of the group at hand. */
  rows = 0;
  #bytes = 0;

  /** Cuts the next rows into parts of groups. */
  cut(columns: readonly Column[], rows: number): GroupPart[] {
    const parts: GroupPart[] = [];
    const texts = columns.filter((column) => column.type === "string");
    const fixed = (columns.length - texts.length) * 8 + texts.length * 4;
    let from = 0;
    for (let row = 0; row < rows; row++) {
      this.rows += 1;
      this.#bytes += fixed;
      for (const { codes, offsets } of texts) {
        const entry = codes === undefined ? row : (codes[row] as number);
        this.#bytes += (offsets[entry + 1] as number) - (offsets[entry] as number);
      }
      if (this.rows < MAX_ROWS && this.#bytes < MAX_BYTES) continue;
      parts.push({ from, to: row + 1, rows: this.rows });
      from = row + 1;
      this.rows = 0;
      this.#bytes = 0;
    }
    if (from < rows) parts.push({ from, to: rows, rows: 0 });
    return parts;
  }
}
