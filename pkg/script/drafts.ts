import type { FieldType } from "#pkg/value";
import type { ProcessorCatalogue } from "./catalogue.ts";
import type { IndexDefinition } from "./key-components.ts";
import type { Problems } from "./problem.ts";
import type { Place } from "./place.ts";
import type { NodeKind } from "./script.ts";
import type { MapTree, Tree } from "./tree.ts";

export type Dialect = "latest" | "1.1.6";

/** A named thing with a type; the type is undefined where the author's is none, so nothing is concluded from it. */
export type Fields = ReadonlyMap<string, FieldType | undefined>;

/** A node before its parts are checked: what other nodes need to know of it. */
export interface NodeDraft {
  readonly name: string;
  /** Undefined when the type is missing or unknown. */
  readonly kind: NodeKind | undefined;
  readonly tree: MapTree;
  readonly keyOffset: number;
  /** Undefined for nodes that write files. */
  readonly table: TableDraft | undefined;
}

export interface TableDraft {
  readonly name: string;
  readonly node: string;
  readonly fields: Fields;
  readonly place: Tree;
}

export interface IndexDraft {
  readonly name: string;
  readonly node: string;
  readonly table: string;
  /** Undefined when the definition cannot be read. */
  readonly definition: IndexDefinition | undefined;
  readonly fields: Fields;
  readonly place: Tree;
}

/** Everything a part of a script can be checked against. */
export interface Checking {
  readonly problems: Problems;
  readonly placeOf: (offset: number) => Place;
  readonly dialect: Dialect;
  readonly nodes: readonly NodeDraft[];
  readonly tables: ReadonlyMap<string, TableDraft>;
  readonly indexes: ReadonlyMap<string, IndexDraft>;
  readonly policies: ReadonlySet<string>;
  readonly defaultPolicy: string;
  /** Processors that are not built in. */
  readonly catalogue: ProcessorCatalogue;
}
