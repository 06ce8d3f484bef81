export { openEmbeddedControl, type EmbeddedControlOptions } from "./embedded-control.ts";
export {
  openFolderLeftovers,
  type FolderLeftovers,
  type KnownTables,
  type Leftover,
} from "./folder-leftovers.ts";
export { openEmbeddedTables, type EmbeddedTablesOptions } from "./embedded-tables.ts";
