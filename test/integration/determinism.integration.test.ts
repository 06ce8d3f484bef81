import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cli } from "../support/cli.ts";
import { failMediumOrders } from "../support/failed-medium-orders.ts";
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

/** Flags of the run that fails, and of its retry, which keeps the constants. */
const RETRIED: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  "1 thread, then 4": [
    ["--threads", "1"],
    ["--threads", "4"],
  ],
  "4 threads, then 1 and chunks of 7 rows": [
    ["--threads", "4", "--set", "chunk_rows=7"],
    ["--threads", "1"],
  ],
  "ranges of 50 kB and chunks of 5,000 rows": [
    ["--set", "range_size=50000", "--set", "chunk_rows=5000", "--set", "chunk_bytes=10000000"],
    [],
  ],
  "partitioned lookups, then little memory": [
    ["--set", "broadcast_limit=0", "--set", "partitions=16"],
    ["--memory", "16", "--threads", "1"],
  ],
};

testWithShared(MEDIUM_ORDERS)(
  "P2: a run that failed half way and was retried gives the bytes of an undisturbed one, whatever threads and chunk sizes",
  async () => {
    const folder = temporaryFolder("determinism-retry");
    const medium = stageMediumOrders(folder);
    const plain = join(folder, "out");
    mkdirSync(plain);
    expect((await cli(medium.run(plain, join(folder, "data")))).code).toBe(0);
    for (const [variant, [flags, retryFlags]] of Object.entries(RETRIED)) {
      const place = join(folder, variant.replaceAll(/\W/g, "_"));
      mkdirSync(place);
      for (const { name, out, retry } of await failMediumOrders(place, flags)) {
        const { code, stderr } = await cli([...retry, ...retryFlags]);
        expect(code, `${variant}, ${name}: ${stderr}`).toBe(0);
        expect(contentsOf(out), `${variant}, ${name}`).toEqual(contentsOf(plain));
      }
    }
  },
  240_000,
);
