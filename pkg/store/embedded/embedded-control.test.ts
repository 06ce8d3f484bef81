import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeControlStore } from "../control.contract.ts";
import { openEmbeddedControl } from "./embedded-control.ts";

describeControlStore("embedded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-control-"));
  const control = await openEmbeddedControl({ folder });
  return {
    control,
    again: () => openEmbeddedControl({ folder }),
    async close() {
      await control[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});
