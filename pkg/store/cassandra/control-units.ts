import { forEachLimit } from "#pkg/async";
import type { NumberedUnit, UnitRecord } from "#pkg/workflow";
import { canonicalJson } from "../canonical-json.ts";
import type { ControlStore, OpenUnit, PhaseKey, UnitKey } from "../control.ts";
import {
  claimed,
  committed,
  pending,
  released,
  type Decision,
  type StoredUnit,
} from "../unit-transitions.ts";
import type { Backend } from "./backend.ts";
import type { Liveness } from "./control-keyspaces.ts";
import { PhaseMarkers } from "./phase-markers.ts";
import type { Row } from "./statement.ts";

type Units = Pick<
  ControlStore,
  | "claimUnit"
  | "commitUnit"
  | "releaseUnit"
  | "unit"
  | "units"
  | "unfinished"
  | "mayBeOver"
  | "progress"
>;

/** A unit as its partition holds it; stamp 0: there is no row. */
interface Stamped {
  readonly stamp: number;
  readonly unit: StoredUnit | undefined;
}

const NOTHING: Stamped = { stamp: 0, unit: undefined };
const READS_AT_ONCE = 32;
const KEPT = 1000;

/**
 * A unit has a partition of its own, written by conditional statements that expect its stamp. Nothing is decided from a plain
 * read: it only suggests what to send, and a refusal comes from the conditional write or a serial read.
 */
export function controlUnits(backend: Backend, liveness: Liveness): Units {
  const units = new UnitRows(backend);
  const markers = new PhaseMarkers(backend);
  return {
    async claimUnit(claim) {
      const { key, session } = claim;
      if (!(await liveness.isLive(key.incarnation)))
        return { granted: false, record: visible(await units.read(key)) };
      const [answer] = await Promise.all([
        units.change(key, (unit) => claimed(unit, claim)),
        markers.claimed(key, session),
      ]);
      return answer;
    },

    async commitUnit(commit) {
      const { key } = commit;
      if (!(await liveness.isLive(key.incarnation))) return false;
      let record: UnitRecord | undefined;
      const isCommitted = await units.change(key, (unit) => {
        const decision = committed(unit, commit);
        record = decision.next?.record ?? unit?.record;
        return decision;
      });
      if (isCommitted && record !== undefined) await markers.final(key, record);
      return isCommitted;
    },

    releaseUnit: (release) => units.change(release.key, (unit) => released(unit, release)),

    unit: async (key) => visible(await units.read(key)),

    units: (phase) => existing(units, markers, phase),

    unfinished: (phase, count) => unfinished(units, markers, { phase, count }),

    mayBeOver: (key, count) => markers.mayBeOver(key, count),

    progress: (phase) => markers.sums(phase),
  };
}

async function existing(
  units: UnitRows,
  markers: PhaseMarkers,
  phase: PhaseKey,
): Promise<readonly NumberedUnit[]> {
  const found: NumberedUnit[] = [];
  await forEachLimit(await markers.records(phase), READS_AT_ONCE, async ({ unit, record }) => {
    const known = record ?? visible(await units.read({ ...phase, unit }));
    if (known !== undefined) found.push({ unit, record: known });
  });
  return found.sort((a, b) => a.unit - b.unit);
}

/** Looks only at units that were claimed and are not marked as final; writes the marker of those that are final all the same. */
async function unfinished(
  units: UnitRows,
  markers: PhaseMarkers,
  { phase, count }: { readonly phase: PhaseKey; readonly count: number },
): Promise<readonly OpenUnit[]> {
  const known = new Map((await markers.all(phase)).map((marker) => [marker.unit, marker]));
  const open: OpenUnit[] = [];
  const numbers = Array.from({ length: count }, (_, unit) => unit);
  await forEachLimit(numbers, READS_AT_ONCE, async (unit) => {
    const marker = known.get(unit);
    if (marker?.outcome !== undefined) return;
    const key = { ...phase, unit };
    const record = marker === undefined ? undefined : visible(await units.read(key));
    if (record === undefined || record.state === "running") open.push({ unit, record });
    else await markers.final(key, record);
  });
  return open.sort((a, b) => a.unit - b.unit);
}

const visible = ({ unit }: Stamped): UnitRecord | undefined =>
  unit === undefined || pending(unit) ? undefined : unit.record;

class UnitRows {
  readonly #backend: Backend;
  /** Units that this process wrote last, so that most commits need no look before. */
  readonly #kept = new Map<string, Stamped>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async read(key: UnitKey): Promise<Stamped> {
    return stampedOf(await this.#backend.cql.row(this.#backend.statements.unit(key)));
  }

  /** Decides, writes on condition that nothing has changed, and decides anew until one of both holds. */
  async change<Answer>(
    key: UnitKey,
    decide: (unit: StoredUnit | undefined) => Decision<Answer>,
  ): Promise<Answer> {
    const { cql, statements } = this.#backend;
    const name = JSON.stringify(key);
    let stored = this.#kept.get(name) ?? NOTHING;
    for (let isCertain = false; ; isCertain = true) {
      const { answer, next } = decide(stored.unit);
      if (next !== undefined && (await this.#write(key, stored, next))) {
        this.#keep(name, { stamp: stored.stamp + 1, unit: next });
        return answer;
      }
      if (next === undefined && isCertain) return answer;
      this.#kept.delete(name);
      stored = stampedOf(await cql.serialRow(statements.unit(key)));
    }
  }

  async #write(key: UnitKey, { stamp }: Stamped, next: StoredUnit): Promise<boolean> {
    const { cql, statements } = this.#backend;
    const { session } = next.record;
    const record = canonicalJson(next);
    const write =
      stamp === 0
        ? statements.insertUnit(key, session, record)
        : statements.updateUnit(key, stamp, { session, record });
    return (await cql.conditional(write)).applied;
  }

  #keep(name: string, stored: Stamped): void {
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(name, stored);
  }
}

const stampedOf = (row: Row | undefined): Stamped =>
  row === undefined || row["record"] === null
    ? NOTHING
    : { stamp: row["stamp"] as number, unit: JSON.parse(row["record"] as string) as StoredUnit };
