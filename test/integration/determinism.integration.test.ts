import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cli } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { MEDIUM_ORDERS, stageMediumOrders } from "../support/medium-orders.ts";
import { testWithShared } from "../support/shared.ts";

const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  "1 thread": ["--threads", "1"],
  "4 threads": ["--threads", "4"],
  "chunks of 7 rows": ["--set", "chunk_rows=7"],
  "chunks of 5,000 rows": ["--set", "chunk_rows=5000", "--set", "chunk_bytes=10000000"],
  "ranges of 50 kB": ["--set", "range_size=50000"],
  "ranges of 7,919 bytes": ["--set", "range_size=7919"],
  "partitioned lookups": ["--set", "broadcast_limit=0"],
  "partitioned lookups in 16 partitions": ["--set", "broadcast_limit=0", "--set", "partitions=16"],
  "little memory": ["--memory", "16", "--threads", "1", "--set", "broadcast_limit=0"],
};

testWithShared(MEDIUM_ORDERS)(
  "P2: threads, chunk sizes, split sizes, spill and lookup plans never change a byte of the files",
  async () => {
    const folder = temporaryFolder("determinism");
    const medium = stageMediumOrders(folder);
    const runWith = async (name: string, flags: readonly string[]): Promise<unknown> => {
      const out = join(folder, `out-${name}`);
      mkdirSync(out);
      const { code, stderr } = await cli([
        ...medium.run(out, join(folder, `data-${name}`)),
        ...flags,
      ]);
      expect(code, stderr).toBe(0);
      return contentsOf(out);
    };
    const plain = await runWith("plain", ["--threads", "2"]);
    for (const [name, flags] of Object.entries(VARIANTS))
      expect(await runWith(name.replaceAll(/\W/g, "_"), flags), name).toEqual(plain);
  },
  240_000,
);
