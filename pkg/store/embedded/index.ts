export { openEmbeddedControl, type EmbeddedControlOptions } from "./embedded-control.ts";
export { openEmbeddedTables, type EmbeddedTablesOptions } from "./embedded-tables.ts";
