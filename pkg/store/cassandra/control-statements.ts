import { quoted } from "./statement.ts";
import { documentStatements } from "./statements/documents.ts";
import { groupStatements } from "./statements/groups.ts";
import { installationStatements } from "./statements/installation.ts";
import { keyspaceStatements } from "./statements/keyspaces.ts";
import { runStatements } from "./statements/runs.ts";
import { unitStatements } from "./statements/units.ts";

/** Every statement of the control keyspace. */
export function controlStatements(keyspace: string) {
  const table = (name: string): string => `${quoted(keyspace)}.${quoted(name)}`;
  return {
    ...keyspaceStatements(table),
    ...documentStatements(table),
    ...runStatements(table),
    ...unitStatements(table),
    ...groupStatements(table),
    ...installationStatements(table),
  };
}

export type ControlStatements = ReturnType<typeof controlStatements>;
