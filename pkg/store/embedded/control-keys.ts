import type { ManifestBatch, NodeRecord, WorkflowEvent } from "#pkg/workflow";
import type {
  ControlStore,
  KeyspaceRecord,
  OutputClaim,
  PhaseKey,
  RunSummary,
  SessionRecord,
  UnitKey,
} from "../control.ts";
import type { StoredUnit } from "../unit-transitions.ts";
import { fileName } from "./file-name.ts";
import type { StoredManifest, StoredProgress, StoredRun, StoreHeader } from "./stored-records.ts";

declare const holds: unique symbol;
/** A key under which a `T` is kept. */
export type Key<T> = string & { readonly [holds]: T };
/** What the keys of several `T` begin with. */
export type Prefix<T> = string & { readonly [holds]: readonly T[] };

export type DecisionRecord = Parameters<ControlStore["putDecision"]>[0];

const key = <T>(text: string) => text as Key<T>;
const prefix = <T>(text: string) => text as Prefix<T>;
const number = (value: number): string => value.toString(16).padStart(8, "0");
const below = (incarnation: string): string => `ks/${fileName(incarnation)}/`;
const ofRun = (kind: string, incarnation: string, run: number): string =>
  `${below(incarnation)}${kind}/${number(run)}`;
const ofNode = (kind: string, place: { incarnation: string; run: number; node: string }): string =>
  `${ofRun(kind, place.incarnation, place.run)}/${fileName(place.node)}`;

/**
 * Keys of the control environment: words separated by `/`, numbers as eight hexadecimal digits, so that byte order is the
 * order people expect. Everything that endDrop forgets is below `ks/<incarnation>/`.
 */
export const keys = {
  header: key<StoreHeader>("header"),

  keyspaces: prefix<KeyspaceRecord>("keyspace/"),
  keyspace: (name: string) => key<KeyspaceRecord>(`keyspace/${fileName(name)}`),
  /** What claims and commits look at. */
  incarnation: (incarnation: string) => key<KeyspaceRecord>(`incarnation/${fileName(incarnation)}`),
  everything: below,

  document: (hash: string) => key<string>(`document/${hash}`),

  runs: (incarnation: string) => prefix<StoredRun>(`${below(incarnation)}run/`),
  runNumber: (run: string): number => Number.parseInt(run.slice(-8), 16),
  run: (incarnation: string, run: number) => key<StoredRun>(ofRun("run", incarnation, run)),
  nodes: (incarnation: string, run: number) =>
    prefix<NodeRecord>(`${ofRun("node", incarnation, run)}/`),
  node: (place: { incarnation: string; run: number; node: string }) =>
    key<NodeRecord>(ofNode("node", place)),
  event: (incarnation: string, run: number, event: number) =>
    key<WorkflowEvent>(`${ofRun("event", incarnation, run)}/${number(event)}`),

  units: (phase: PhaseKey) => prefix<StoredUnit>(`${ofNode("unit", phase)}/${phase.phase}/`),
  unit: (unit: UnitKey) =>
    key<StoredUnit>(`${ofNode("unit", unit)}/${unit.phase}/${number(unit.unit)}`),
  unitNumber: (unit: Key<StoredUnit>): number => Number.parseInt(unit.slice(-8), 16),
  progress: (phase: PhaseKey) => key<StoredProgress>(`${ofNode("progress", phase)}/${phase.phase}`),

  manifest: (incarnation: string, id: string) =>
    key<StoredManifest>(`${below(incarnation)}manifest/${id}`),
  manifestPage: (incarnation: string, id: string, page: number) =>
    key<readonly ManifestBatch[]>(`${below(incarnation)}page/${id}/${number(page)}`),

  sessions: prefix<SessionRecord>("session/"),
  session: (session: string) => key<SessionRecord>(`session/${fileName(session)}`),
  outputs: prefix<OutputClaim>("output/"),
  output: (pathHash: string) => key<OutputClaim>(`output/${pathHash}`),
  summaries: (scriptName: string) => prefix<RunSummary>(`summary/${fileName(scriptName)}/`),
  summary: (scriptName: string, incarnation: string, run: number) =>
    key<RunSummary>(`summary/${fileName(scriptName)}/${fileName(incarnation)}/${number(run)}`),
  decisionCount: key<number>("decisions"),
  decisions: prefix<DecisionRecord>("decision/"),
  decision: (sequence: number) => key<DecisionRecord>(`decision/${number(sequence)}`),
  decisionId: (id: string) => key<number>(`decided/${fileName(id)}`),
};
