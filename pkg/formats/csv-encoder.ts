import type { Vector } from "#pkg/rowset";
import { LF, QUOTE } from "./bytes.ts";
import { ByteSink } from "./byte-sink.ts";
import { cellEncoder } from "./cell-encoders.ts";
import { Quoting } from "./quoting.ts";
import type { CsvWriter, RowEncoder } from "./types.ts";

/** The bytes are those of RFC 4180 with LF, or with dialect "capillaries" those of the reference. */
export function csvEncoder(writer: CsvWriter): RowEncoder {
  const quoting = new Quoting(writer);
  const rfc = writer.dialect === "rfc4180";
  const columns = writer.columns.map((column) => cellEncoder(column, quoting));
  const { separator } = quoting;
  const single = columns.length === 1 && rfc;
  let bytesPerRow = 16 * columns.length;

  /** A record of one empty cell would be a blank line, which is no record. */
  const endRecord = (out: ByteSink, start: number): void => {
    if (single && out.at === start) {
      out.byte(QUOTE);
      out.byte(QUOTE);
    }
    out.byte(LF);
  };

  return {
    header() {
      const out = new ByteSink(256);
      writer.columns.forEach(({ header }, i) => {
        if (i > 0) out.copy(separator, 0, separator.length);
        quoting.writeText(out, header);
      });
      if (!rfc) out.byte(13);
      endRecord(out, 0);
      return out.take();
    },
    rows(vectors, rows) {
      const out = new ByteSink(Math.ceil(rows * bytesPerRow * 1.1) + 1024);
      const cells = columns.map((encoder, i) => encoder(vectors[i] as Vector, out));
      for (let row = 0; row < rows; row++) {
        const start = out.at;
        for (let i = 0; i < cells.length; i++) {
          if (i > 0) out.copy(separator, 0, separator.length);
          (cells[i] as (row: number) => void)(row);
        }
        endRecord(out, start);
      }
      if (rows > 0) bytesPerRow = out.at / rows;
      return out.take();
    },
    end: () => new Uint8Array(0),
  };
}
