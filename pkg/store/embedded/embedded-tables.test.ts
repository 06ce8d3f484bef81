import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeTableStore } from "../tables.contract.ts";
import { openEmbeddedControl } from "./embedded-control.ts";
import { openEmbeddedTables } from "./embedded-tables.ts";

describeTableStore("embedded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-tables-"));
  const control = await openEmbeddedControl({ folder });
  const tables = await openEmbeddedTables({ folder });
  let keyspaces = 0;
  return {
    tables,
    sweeps: true,
    async newKeyspace() {
      keyspaces += 1;
      const { incarnation } = await control.openKeyspace(`k${keyspaces}`, `i${keyspaces}`);
      return incarnation;
    },
    again: () => openEmbeddedTables({ folder }),
    async close() {
      await tables[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});
