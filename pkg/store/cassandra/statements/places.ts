import type { NodePlace } from "../../tables.ts";
import type { PhaseKey, UnitKey } from "../../control.ts";

export interface RunPlace {
  readonly incarnation: string;
  readonly run: number;
}

/** The qualified name of a table of the control keyspace. */
export type Table = (name: string) => string;

export const RUN = "incarnation = ? AND run = ?";
export const UNIT = `${RUN} AND node = ? AND phase = ? AND unit = ?`;
export const BUCKET = `${RUN} AND node = ? AND phase = ? AND bucket = ?`;

export const ofRun = ({ incarnation, run }: RunPlace) => [incarnation, run] as const;
const ofNode = ({ incarnation, run, node }: NodePlace) => [incarnation, run, node] as const;
export const ofPhase = (phase: PhaseKey) => [...ofNode(phase), phase.phase] as const;
export const ofUnit = (unit: UnitKey) => [...ofPhase(unit), unit.unit] as const;
