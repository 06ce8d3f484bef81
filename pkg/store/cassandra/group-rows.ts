import { setImmediate as turn } from "node:timers/promises";
import { canonicalJson } from "../canonical-json.ts";
import type { UnitKey } from "../control.ts";
import type { Decision, StoredUnit } from "../unit-transitions.ts";
import type { Backend } from "./backend.ts";
import type { Row } from "./statement.ts";
import type { GroupKey } from "./statements/places.ts";
import { groupOf } from "../unit-groups.ts";

/** The units of a group as their row holds them; stamp 0: there is no row. */
export interface GroupRow {
  readonly stamp: number;
  readonly units: ReadonlyMap<number, StoredUnit>;
}

const NOTHING: GroupRow = { stamp: 0, units: new Map() };
/** Groups, of up to 32 units with a kilobyte or so each; a process is at few of them at a time. */
const KEPT = 128;

/** A change of one unit that waits to be written, told when it is settled either way. */
interface Change {
  readonly unit: number;
  /** Decides from the row, keeps the answer, says what to store. */
  readonly decide: (stored: StoredUnit | undefined) => StoredUnit | undefined;
  readonly settled: () => void;
  readonly failed: (error: unknown) => void;
}

/** What this process does with one group. */
interface Lane {
  readonly key: GroupKey;
  /** What this process wrote last, so that most changes need no look before. */
  kept: GroupRow | undefined;
  waiting: Change[];
  isWriting: boolean;
}

/**
 * Groups of units, each a row written by conditional statements that expect its stamp. Changes of this process that come in one
 * turn of the event loop, or while another write of their group is on its way, are one write. Each is decided on its own, in the order
 * in which they came, so that the row goes through the same states as with a write for each. Nothing is decided from a plain
 * read: a kept row only suggests what to send, and a refusal comes from the conditional write or a serial read.
 */
export class GroupRows {
  readonly #backend: Backend;
  readonly #lanes = new Map<string, Lane>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async read(key: GroupKey): Promise<GroupRow> {
    return rowOf(await this.#backend.cql.row(this.#backend.statements.units(key)));
  }

  /** What this process knows of the group of a unit that it just changed. */
  kept(key: UnitKey): GroupRow | undefined {
    return this.#lanes.get(nameOf(groupKey(key)))?.kept;
  }

  /** `decide` may be called several times; the last call counts. It throws nothing. */
  change<Answer>(
    key: UnitKey,
    decide: (unit: StoredUnit | undefined) => Decision<Answer>,
  ): Promise<Answer> {
    const lane = this.#lane(groupKey(key));
    const { unit } = key;
    return new Promise((resolve, reject) => {
      let last: Answer;
      lane.waiting.push({
        unit,
        decide(stored) {
          const { answer, next } = decide(stored);
          last = answer;
          return next;
        },
        settled: () => resolve(last),
        failed: reject,
      });
      if (!lane.isWriting) void this.#write(lane);
    });
  }

  /** Never rejects: what goes wrong is told to the changes concerned. */
  async #write(lane: Lane): Promise<void> {
    lane.isWriting = true;
    await turn();
    while (lane.waiting.length > 0) {
      const changes = lane.waiting;
      lane.waiting = [];
      try {
        await this.#settle(lane, changes);
        for (const { settled } of changes) settled();
      } catch (error) {
        for (const { failed } of changes) failed(error);
      }
    }
    lane.isWriting = false;
  }

  /**
   * Decides, writes on condition that nothing has changed, and decides anew until one of both holds: the write was applied, so all
   * was decided from what was there, or there is nothing to write after a serial read.
   */
  async #settle(lane: Lane, changes: readonly Change[]): Promise<void> {
    const { cql, statements } = this.#backend;
    const { key } = lane;
    let stored = lane.kept ?? NOTHING;
    for (let isCertain = false; ; isCertain = true) {
      const units = new Map(stored.units);
      const changed = new Map<number, StoredUnit>();
      for (const { unit, decide } of changes) {
        const next = decide(units.get(unit));
        if (next === undefined) continue;
        units.set(unit, next);
        changed.set(unit, next);
      }
      if (changed.size === 0 && isCertain) {
        lane.kept = stored;
        return;
      }
      // Until the outcome is known.
      lane.kept = undefined;
      if (changed.size > 0) {
        const texts = Object.fromEntries(
          Array.from(changed, ([unit, next]) => [unit, canonicalJson(next)]),
        );
        const write = statements.changeUnits(key, stored.stamp, texts);
        if ((await cql.conditional(write)).applied) {
          lane.kept = { stamp: stored.stamp + 1, units };
          return;
        }
      }
      stored = rowOf(await cql.serialRow(statements.units(key)));
    }
  }

  #lane(key: GroupKey): Lane {
    const name = nameOf(key);
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    if (this.#lanes.size >= KEPT) this.#forgetIdle();
    const lane: Lane = { key, kept: undefined, waiting: [], isWriting: false };
    this.#lanes.set(name, lane);
    return lane;
  }

  #forgetIdle(): void {
    for (const [name, { isWriting }] of this.#lanes) if (!isWriting) this.#lanes.delete(name);
  }
}

export const groupKey = ({ incarnation, run, node, phase, unit }: UnitKey): GroupKey => ({
  incarnation,
  run,
  node,
  phase,
  first: groupOf(unit).first,
});

const nameOf = ({ incarnation, run, node, phase, first }: GroupKey): string =>
  JSON.stringify([incarnation, run, node, phase, first]);

function rowOf(row: Row | undefined): GroupRow {
  if (row === undefined || row["stamp"] === null) return NOTHING;
  const records = (row["records"] ?? {}) as Readonly<Record<string, string>>;
  const units = Object.entries(records).map(
    ([unit, record]) => [Number(unit), JSON.parse(record) as StoredUnit] as const,
  );
  return { stamp: row["stamp"] as number, units: new Map(units) };
}
