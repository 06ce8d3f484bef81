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

/**
 * Which groups of units of a phase were ever claimed from, and what became of those that are wholly final: plain rows beside the
 * units, so that a phase can be listed and counted. They may lag behind the units, never run ahead.
 */
export class GroupDirectory {
  readonly #backend: Backend;
  readonly #entered = new WrittenOnce();
  readonly #ended = new WrittenOnce();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Before a claim is answered, so that every unit with a final record can be found. */
  enter({ incarnation, run, node, phase }: PhaseKey, unit: number): Promise<void> {
    const { cql, statements } = this.#backend;
    const group = { incarnation, run, node, phase, first: groupOf(unit).first };
    return this.#entered.write(group, () => cql.write(statements.enterGroup(group)));
  }

  /** All units of the group are final, which nothing changes any more. */
  ended(group: GroupKey, sums: () => GroupSums): Promise<void> {
    const { cql, statements } = this.#backend;
    return this.#ended.write(group, () => cql.write(statements.endGroup(group, sums())));
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

const KEPT = 10_000;

/** Rows that this process has written already, or is about to: units of a group that end together all ask for the same one. */
class WrittenOnce {
  readonly #written = new Map<string, Promise<void>>();

  write(
    { incarnation, run, node, phase, first }: GroupKey,
    write: () => Promise<void>,
  ): Promise<void> {
    const name = JSON.stringify([incarnation, run, node, phase, first]);
    const known = this.#written.get(name);
    if (known !== undefined) return known;
    const writing = write();
    if (this.#written.size >= KEPT) this.#written.clear();
    this.#written.set(name, writing);
    writing.catch(() => this.#written.delete(name));
    return writing;
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
