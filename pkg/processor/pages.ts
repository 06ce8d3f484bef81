import { concatRowsets, sliceRowset } from "#pkg/rowset";
import type { SourceBlock } from "./port.ts";

/**
 * The same rows in pages of exactly `size`, the last one excepted, whatever the blocks: what foreign code sees together
 * depends on the script alone (P2). Blocks follow each other without gaps.
 */
export async function* pagesOf(
  blocks: AsyncIterable<SourceBlock>,
  size: number,
): AsyncGenerator<SourceBlock> {
  let rest: SourceBlock | undefined;
  for await (const block of blocks) {
    const { from, rowset } = rest === undefined ? block : joined(rest, block);
    let at = 0;
    for (; at + size <= rowset.rows; at += size)
      yield { from: from + at, rowset: sliceRowset(rowset, at, at + size) };
    rest =
      at < rowset.rows
        ? { from: from + at, rowset: sliceRowset(rowset, at, rowset.rows) }
        : undefined;
  }
  if (rest !== undefined) yield rest;
}

const joined = (first: SourceBlock, second: SourceBlock): SourceBlock => ({
  from: first.from,
  rowset: concatRowsets([first.rowset, second.rowset]),
});
