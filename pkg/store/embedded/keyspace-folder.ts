import { join } from "node:path";
import type { KeyspaceRecord } from "../control.ts";
import { fileName } from "./file-name.ts";

/** `<keyspace>.<incarnation>`: the name is for people, the incarnation is what finds it. */
export const keyspaceFolder = (
  folder: string,
  { name, incarnation }: Pick<KeyspaceRecord, "name" | "incarnation">,
): string => join(folder, `${fileName(name)}.${fileName(incarnation)}`);

export const isFolderOf = (entry: string, incarnation: string): boolean =>
  !entry.startsWith(".") && entry.endsWith(`.${fileName(incarnation)}`);

export const runFolder = (keyspace: string, run: number): string => join(keyspace, `run-${run}`);

export const nodeFolder = (keyspace: string, run: number, node: string): string =>
  join(runFolder(keyspace, run), fileName(node));
