import { isFault } from "#pkg/fault";
import { isUnheard } from "./classify-error.ts";
import { controlStatements } from "./control-statements.ts";
import type { Cql } from "./cql.ts";
import type { Definition } from "./schema.ts";
import { documentHash } from "../content-hash.ts";

/** A row in a control keyspace that says that all nodes have opened its tables. */
export interface ServedMark {
  isSet(): Promise<boolean>;
  set(): Promise<void>;
}

/**
 * That tables are defined does not say so: another process may have defined them a moment ago and be waiting for the nodes still. The
 * mark is of these very tables, so that a version with one more waits again. It goes with the keyspace.
 */
export function servedMark(cql: Cql, keyspace: string, tables: readonly Definition[]): ServedMark {
  const { pages, putPage } = controlStatements(keyspace);
  const texts = JSON.stringify(tables.map(({ statement }) => statement.text));
  // Beside documents, which are at places that are named as their hashes.
  const place = { scope: "", place: "served", hash: documentHash(texts) };
  return {
    isSet: async () => {
      try {
        return (await cql.row(pages(place))) !== undefined;
      } catch (error) {
        if (isUnheard(error)) return false;
        throw error;
      }
    },
    set: async () => {
      try {
        await cql.write(putPage(place, { page: 0, pages: 1, data: new Uint8Array(0) }));
      } catch (error) {
        // Who may only read asks the nodes each time.
        if (!isFault(error) || error.code !== "CLUSTER_REFUSED") throw error;
      }
    },
  };
}
