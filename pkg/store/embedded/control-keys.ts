import type { PhaseKey, UnitKey } from "../control.ts";
import { fileName } from "./file-name.ts";

/**
 * Keys of the control environment: words separated by `/`, numbers as eight hexadecimal digits, so that byte order is the
 * order people expect. Everything that endDrop forgets is below `ks/<incarnation>/`.
 */
const number = (value: number): string => value.toString(16).padStart(8, "0");
const below = (incarnation: string): string => `ks/${fileName(incarnation)}/`;

export const keys = {
  header: "header",
  keyspace: (name: string): string => `keyspace/${fileName(name)}`,
  /** Incarnation → name and state: what claims and commits look at. */
  incarnation: (incarnation: string): string => `incarnation/${fileName(incarnation)}`,
  document: (hash: string): string => `document/${hash}`,
  everything: below,
  runs: (incarnation: string): string => `${below(incarnation)}run/`,
  run: (incarnation: string, run: number): string => `${below(incarnation)}run/${number(run)}`,
  nodes: (incarnation: string, run: number): string => `${below(incarnation)}node/${number(run)}/`,
  node: (incarnation: string, run: number, node: string): string =>
    `${below(incarnation)}node/${number(run)}/${fileName(node)}`,
  events: (incarnation: string, run: number): string =>
    `${below(incarnation)}event/${number(run)}/`,
  event: (incarnation: string, run: number, event: number): string =>
    `${below(incarnation)}event/${number(run)}/${number(event)}`,
  nodeUnits: (incarnation: string, run: number, node: string): string =>
    `${below(incarnation)}unit/${number(run)}/${fileName(node)}/`,
  units: (phase: PhaseKey): string =>
    `${below(phase.incarnation)}unit/${number(phase.run)}/${fileName(phase.node)}/${phase.phase}/`,
  unit: (unit: UnitKey): string => keys.units(unit) + number(unit.unit),
  unitNumber: (key: string): number => Number.parseInt(key.slice(-8), 16),
  progress: (phase: PhaseKey): string =>
    `${below(phase.incarnation)}progress/${number(phase.run)}/${fileName(phase.node)}/${phase.phase}`,
  manifest: (incarnation: string, id: string): string => `${below(incarnation)}manifest/${id}`,
  manifestPage: (incarnation: string, id: string, page: number): string =>
    `${below(incarnation)}page/${id}/${number(page)}`,
  sessions: "session/",
  session: (session: string): string => `session/${fileName(session)}`,
  outputs: "output/",
  output: (pathHash: string): string => `output/${pathHash}`,
  summaries: (scriptName: string): string => `summary/${fileName(scriptName)}/`,
  summary: (scriptName: string, incarnation: string, run: number): string =>
    `summary/${fileName(scriptName)}/${fileName(incarnation)}/${number(run)}`,
  decisions: "decision/",
  decision: (sequence: number): string => `decision/${number(sequence)}`,
  decisionId: (id: string): string => `decided/${fileName(id)}`,
};
