import type { ControlStatements } from "./control-statements.ts";
import type { Cql } from "./cql.ts";

/** What the parts of the control store share. */
export interface Backend {
  readonly cql: Cql;
  readonly statements: ControlStatements;
}
