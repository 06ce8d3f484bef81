import type { NodePlace } from "../../tables.ts";
import type { PhaseKey } from "../../control.ts";

export interface RunPlace {
  readonly incarnation: string;
  readonly run: number;
}

/** A group of consecutive units, by the number of the first one. */
export interface GroupKey extends PhaseKey {
  readonly first: number;
}

/** The qualified name of a table of the control keyspace. */
export type Table = (name: string) => string;

export const RUN = "incarnation = ? AND run = ?";
export const PHASE = `${RUN} AND node = ? AND phase = ?`;
export const GROUP = `${PHASE} AND first = ?`;

export const ofRun = ({ incarnation, run }: RunPlace) => [incarnation, run] as const;
const ofNode = ({ incarnation, run, node }: NodePlace) => [incarnation, run, node] as const;
export const ofPhase = (phase: PhaseKey) => [...ofNode(phase), phase.phase] as const;
export const ofGroup = (group: GroupKey) => [...ofPhase(group), group.first] as const;
