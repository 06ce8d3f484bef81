import { mappedBytesOf } from "#pkg/engine";
import type { ControlStore, TableStore } from "#pkg/store";
import type { ThreadSettings } from "./thread-task.ts";

export interface ThreadStores {
  readonly control: ControlStore;
  readonly tables: TableStore;
}

/**
 * Loads the driver that these settings need and no other; what it brings opens the stores of an engine thread, which only reads
 * control records. So a thread can begin to load before the stores are there.
 */
export async function loadThreadStores({
  store: settings,
  memory,
}: ThreadSettings): Promise<() => Promise<ThreadStores>> {
  switch (settings.kind) {
    case "embedded": {
      const { openEmbeddedControl, openEmbeddedTables } = await import("#pkg/store/embedded");
      const { folder } = settings;
      return async () => {
        const control = await openEmbeddedControl({ folder, readOnly: true });
        const mappedBytes = mappedBytesOf(memory);
        return { control, tables: await openEmbeddedTables({ folder, mappedBytes }) };
      };
    }
    case "cassandra": {
      const { openCassandraStores } = await import("#pkg/store/cassandra");
      return () => openCassandraStores(settings.cassandra, { create: false });
    }
    default:
      return settings satisfies never;
  }
}
