import type { ControlStore, TableStore } from "#pkg/store";
import type { StoreSettings } from "./thread-task.ts";

export interface ThreadStores {
  readonly control: ControlStore;
  readonly tables: TableStore;
}

/** The stores of an engine thread, which only reads control records. A thread loads the driver that it needs and no other. */
export async function openThreadStores(settings: StoreSettings): Promise<ThreadStores> {
  switch (settings.kind) {
    case "embedded": {
      const { openEmbeddedControl, openEmbeddedTables } = await import("#pkg/store/embedded");
      const { folder } = settings;
      const control = await openEmbeddedControl({ folder, readOnly: true });
      return { control, tables: await openEmbeddedTables({ folder }) };
    }
    case "cassandra": {
      const { openCassandraStores } = await import("#pkg/store/cassandra");
      return openCassandraStores(settings.cassandra, { create: false });
    }
    default:
      return settings satisfies never;
  }
}
