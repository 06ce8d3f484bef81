import { concatRowsets, type Rowset } from "#pkg/rowset";
import type { TableStore } from "#pkg/store";
import type { CommittedUnit } from "./committed.ts";
import { rowsetBytes } from "#pkg/table";
import { SegmentReader, type Segment } from "./segments.ts";

interface UnitSegments {
  readonly reader: SegmentReader;
  readonly segments: readonly Segment[];
}

/** One side of a shuffle as the joins see it. Rows of a partition are in row order over units and their segments. */
export class ShuffledSide {
  private readonly units: readonly UnitSegments[];

  private constructor(units: readonly UnitSegments[]) {
    this.units = units;
  }

  static async open(
    tables: TableStore,
    side: string,
    units: readonly CommittedUnit[],
  ): Promise<ShuffledSide> {
    const opened: UnitSegments[] = [];
    for (const { place } of units) {
      const reader = new SegmentReader(tables, place, { kind: "shuffle", name: side });
      opened.push({ reader, segments: await reader.segments() });
    }
    return new ShuffledSide(opened);
  }

  rows(partition: number): number {
    let rows = 0;
    for (const { segments } of this.units)
      for (const each of segments) if (each.part === partition) rows += each.rows;
    return rows;
  }

  /** The rows of a partition, segments joined into blocks of about `bytes` (at least one segment each). */
  async *blocks(partition: number, bytes: number): AsyncGenerator<Rowset> {
    let parts: Rowset[] = [];
    let size = 0;
    for (const { reader, segments } of this.units) {
      const own = segments
        .filter((segment) => segment.part === partition)
        .toSorted((a, b) => a.seq - b.seq);
      for (const segment of own) {
        const rowset = await reader.read(segment);
        const more = rowsetBytes(rowset);
        if (parts.length > 0 && size + more > bytes) {
          const block = concatRowsets(parts);
          // Not kept while the block is used: it is as large as they are together.
          parts = [];
          size = 0;
          yield block;
        }
        parts.push(rowset);
        size += more;
      }
    }
    if (parts.length > 0) yield concatRowsets(parts);
  }
}
