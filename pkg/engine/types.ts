import type { FrozenInput, UnitOutcome, UnitTask } from "#pkg/workflow";
import type { ControlStore, TableStore } from "#pkg/store";
import type { DecidedRows } from "#pkg/table";
import type { Processors } from "#pkg/processor";
import type { Files } from "#pkg/transfer";
import type { Script, ScriptNode } from "#pkg/script";
import type { NodeCode } from "./node-code.ts";
import type { Progress, ProgressPorts } from "./progress.ts";

/** What an engine thread may touch. It never writes control state: the caller commits the outcome. */
export interface EnginePorts extends ProgressPorts {
  readonly control: Pick<ControlStore, "document" | "manifest" | "units" | "run" | "summaries">;
  readonly tables: TableStore;
  readonly files: Files;
  /** Custom nodes ask for theirs. */
  readonly processors: Processors;
  /** Bytes this thread may use for rows, indexes, sorts and caches. */
  readonly memory: number;
  /** So many units that follow this one are executed by the same thread right after it, or beside it. */
  readonly following?: number;
}

/** Runs one unit; throws the Fault that explains why it could not (row faults name node, file, line, column, value). */
export type RunUnit = (task: UnitTask, ports: EnginePorts) => Promise<UnitOutcome>;

/** Everything a phase of a node kind needs. */
export interface UnitContext {
  readonly task: UnitTask;
  readonly ports: EnginePorts;
  readonly script: Script;
  readonly inputs: readonly FrozenInput[];
  /** What the run applies to rejected rows. */
  readonly decided: DecidedRows;
  readonly progress: Progress;
}

/** A unit of a node of one kind, with the node's compiled expressions. */
export interface NodeContext<Node extends ScriptNode = ScriptNode> extends UnitContext {
  readonly node: Node;
  readonly code: NodeCode;
}
