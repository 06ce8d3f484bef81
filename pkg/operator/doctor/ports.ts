import type { Control } from "#pkg/control";
import type { NodePlace } from "#pkg/store";
import type { OperatorPorts } from "../ports.ts";

/** Incarnation → run → nodes. */
export type KnownTables = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>;

/** What a data folder holds beside its stores; a cluster has none. */
export interface Leftovers<Leftover extends { readonly kind: string; readonly path: string }> {
  list(known: () => Promise<KnownTables>): Promise<readonly Leftover[]>;
  remove(leftover: Leftover): Promise<void>;
  tokens(keyspace: string, node: NodePlace): Promise<ReadonlySet<string>>;
}

export type FolderLeftover = {
  readonly kind: "trash" | "lost" | "orphan";
  readonly path: string;
};

/** What an installation and its database do not agree about. */
interface ClusterLeftovers<Leftover extends { readonly kind: string; readonly name: string }> {
  list(): Promise<readonly Leftover[]>;
  remove(leftover: Leftover): Promise<void>;
}

type ClusterLeftover = { readonly kind: "data" | "record"; readonly name: string };

export interface DoctorPorts extends OperatorPorts {
  readonly control: Pick<Control, "advance" | "drop" | "sweep">;
  readonly isSessionDead: (session: string) => boolean | Promise<boolean>;
  /** The own session, which is no inconsistency. */
  readonly session: string;
  readonly leftovers?: Leftovers<FolderLeftover>;
  /** Of a cluster. */
  readonly cluster?: ClusterLeftovers<ClusterLeftover>;
}
