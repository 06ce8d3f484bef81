import type { ControlStore, TableStore } from "#pkg/store";
import type { ProcessorCatalogue } from "#pkg/script";
import type { Files } from "#pkg/transfer";

/** What use cases act on; the composition root chooses the adapters. */
export interface OperatorPorts {
  readonly store: ControlStore;
  readonly tables: TableStore;
  readonly files: Files;
  /** Processors that are not built in; none when absent. Asked for when a script is read. */
  readonly catalogue?: () => Promise<ProcessorCatalogue>;
  /** Wall clock in milliseconds, for people. */
  readonly now: () => number;
  /** A new random identity: incarnations, tokens. */
  readonly newId: () => string;
}
