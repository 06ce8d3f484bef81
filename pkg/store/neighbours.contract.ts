import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { ControlStore, UnitKey } from "./control.ts";
import {
  cause,
  claimOf,
  commandLists,
  commitOf,
  execute,
  failureOf,
  keyOf,
  releaseOf,
  UnitModel,
  type UnitCommand,
} from "./test-support/unit-model.ts";

/** A store to try. */
export interface ControlUnderTest {
  readonly control: ControlStore;
  /** Another handle on the same data, as another process has it. */
  again(): Promise<ControlStore>;
  close(): Promise<void>;
}

/** Numbers that a store may well keep together. */
const FIRST = 208;
const COUNT = 8;
const numbers = Array.from({ length: COUNT }, (_, at) => FIRST + at);

/**
 * What happens to units at the same time is what would happen to each alone, whatever a store makes of it. `open` gives a store
 * with a live keyspace of incarnation i1 and its run 1.
 */
export function describeNeighbours(under: () => ControlUnderTest): void {
  describe("units that are claimed and ended together", () => {
    let control: ControlStore;
    beforeEach(() => {
      ({ control } = under());
    });
    const key = keyOf("i1", 0);
    const at = (unit: number): UnitKey => ({ ...key, unit });

    test("each claim, commit, failure and release is answered for its own unit", async () => {
      const claims = await Promise.all(
        numbers.map((unit) => control.claimUnit(claimOf(at(unit), `t${unit}`))),
      );
      expect(claims.map(({ granted, record }) => [granted, record?.token])).toEqual(
        numbers.map((unit) => [true, `t${unit}`]),
      );
      const ends = [commitOf, failureOf] as const;
      const answers = await Promise.all([
        ...numbers
          .slice(0, 4)
          .map((unit, n) => control.commitUnit((ends[n % 2] ?? commitOf)(at(unit), `t${unit}`))),
        control.commitUnit(commitOf(at(FIRST + 4), "another")),
        control.releaseUnit(releaseOf(at(FIRST + 5), `t${FIRST + 5}`)),
        control.releaseUnit(releaseOf(at(FIRST + 6), "another")),
      ]);
      expect(answers).toEqual([true, true, true, true, false, true, false]);
      await using other = await under().again();
      const found = await other.units(key);
      expect(found.map(({ unit, record }) => [unit - FIRST, record.state])).toEqual([
        [0, "success"],
        [1, "fail"],
        [2, "success"],
        [3, "fail"],
        [4, "running"],
        [6, "running"],
        [7, "running"],
      ]);
      expect(await other.progress(key)).toEqual({ succeeded: 2, failed: 2, rejected: 0 });
      const open = await other.unfinished(key, FIRST + COUNT);
      expect(open.slice(-4).map(({ unit, record }) => [unit - FIRST, record?.token])).toEqual([
        [4, `t${FIRST + 4}`],
        [5, undefined],
        [6, `t${FIRST + 6}`],
        [7, `t${FIRST + 7}`],
      ]);
    });

    test("of two processes that claim the same units at once each unit is granted to one, and all are granted", async () => {
      await using other = await under().again();
      const claim = (store: ControlStore, name: string, units: readonly number[]) =>
        Promise.all(units.map((unit) => store.claimUnit(claimOf(at(unit), `${name}${unit}`))));
      const [ours, theirs] = await Promise.all([
        claim(control, "a", numbers),
        claim(other, "b", numbers.toReversed()),
      ]);
      const granted = [...ours, ...theirs].filter((answer) => answer.granted);
      expect(granted).toHaveLength(COUNT);
      for (const [n, { record }] of ours.entries())
        expect(record?.token).toBe(theirs.toReversed()[n]?.record?.token);
    });

    test("a dead process's units are taken over together while it commits some of them", async () => {
      await using other = await under().again();
      await Promise.all(numbers.map((unit) => control.claimUnit(claimOf(at(unit), `t${unit}`))));
      const [commits, takeovers] = await Promise.all([
        Promise.all(numbers.map((unit) => control.commitUnit(commitOf(at(unit), `t${unit}`)))),
        Promise.all(
          numbers.map((unit) => {
            const takeover = { token: `t${unit}`, cause: cause("gone") };
            return other.claimUnit({ ...claimOf(at(unit), `n${unit}`), takeover });
          }),
        ),
      ]);
      for (const [n, isCommitted] of commits.entries())
        expect(isCommitted).not.toBe(takeovers[n]?.granted);
    });

    test("any interleaving of what happens to neighbours answers as the model of each alone does", async () => {
      let node = 0;
      const law = fc.asyncProperty(neighbourCommands, async (lists) => {
        node += 1;
        await using other = await under().again();
        const stores = [control, other] as const;
        await executeTogether(stores, { ...key, node: `law ${node}` }, lists);
      });
      await fc.assert(law, { numRuns: 15 });
    });
  });
}

/** For each neighbour a list of commands, each with the process that sends it. */
export const neighbourCommands = fc.array(
  fc.tuple(commandLists, fc.infiniteStream(fc.constantFrom(0, 1))),
  { minLength: 2, maxLength: COUNT },
);

/**
 * Neighbours at the same time, what happens to one of them in order; checks every answer and what is left.
 */
export async function executeTogether(
  stores: readonly [ControlStore, ControlStore],
  key: UnitKey,
  lists: readonly (readonly [readonly UnitCommand[], Stream])[],
): Promise<void> {
  const models = await Promise.all(
    lists.map(async ([commands, senders], n) => {
      const at = { ...key, unit: FIRST + n };
      const model = new UnitModel();
      for (const command of commands) {
        const store = stores[senders.next().value as 0 | 1];
        expect(await execute(store, at, command)).toEqual(model.execute(command));
      }
      return model;
    }),
  );
  const found = new Map((await stores[0].units(key)).map(({ unit, record }) => [unit, record]));
  for (const [n, model] of models.entries())
    expect(found.get(FIRST + n)?.state).toBe(model.visibleState);
}

type Stream = Iterator<number>;
