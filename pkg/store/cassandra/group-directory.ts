import type { PhaseKey } from "../control.ts";
import type { Backend } from "./backend.ts";
import type { Row } from "./statement.ts";
import type { GroupSums } from "./statements/groups.ts";
import type { GroupKey } from "./statements/places.ts";
import { groupOf, type UnitGroup } from "../unit-groups.ts";

export interface KnownGroup extends UnitGroup {
  /** Of one whose units are all final. */
  readonly sums: GroupSums | undefined;
}

const KEPT = 10_000;

/**
 * Which groups of units of a phase were ever claimed from, and what became of those that are wholly final: plain rows beside the
 * units, so that a phase can be listed and counted. They may lag behind the units, never run ahead.
 */
export class GroupDirectory {
  readonly #backend: Backend;
  /** What this process has entered already, or is about to. */
  readonly #entered = new Map<string, Promise<void>>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Before a claim is answered, so that every unit with a final record can be found. */
  enter(key: PhaseKey, unit: number): Promise<void> {
    const { incarnation, run, node, phase } = key;
    const { first } = groupOf(unit);
    const name = JSON.stringify([incarnation, run, node, phase, first]);
    const known = this.#entered.get(name);
    if (known !== undefined) return known;
    const { cql, statements } = this.#backend;
    const entering = cql.write(statements.enterGroup({ ...key, first }));
    if (this.#entered.size >= KEPT) this.#entered.clear();
    this.#entered.set(name, entering);
    entering.catch(() => this.#entered.delete(name));
    return entering;
  }

  /** All units of the group are final, which nothing changes any more. */
  async ended(group: GroupKey, sums: GroupSums): Promise<void> {
    const { cql, statements } = this.#backend;
    await cql.write(statements.endGroup(group, sums));
  }

  async list(phase: PhaseKey): Promise<readonly KnownGroup[]> {
    const { cql, statements } = this.#backend;
    const rows = await cql.rows(statements.groups(phase));
    return rows.map((row) => {
      const { first, size } = groupOf(row["first"] as number);
      return { first, size, sums: sumsOf(row) };
    });
  }
}

const sumsOf = (row: Row): GroupSums | undefined =>
  row["succeeded"] === null
    ? undefined
    : {
        succeeded: row["succeeded"] as number,
        failed: row["failed"] as number,
        rejected: Number(row["rejected"]),
      };
