import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forEachLimit } from "#pkg/async";
import type { AttemptPlace, Piece, StoredPiece, TableStore } from "./tables.ts";

/** A store to try and a way to get a live, empty keyspace in it. */
export interface TablesUnderTest {
  readonly tables: TableStore;
  newKeyspace(): Promise<string>;
  /** Whether sweep deletes; a store may also keep everything until the drop. */
  readonly sweeps: boolean;
  /** Whether a drop may return while a node of a ring still takes writes, which go with the tables. */
  readonly takesLateWrites: boolean;
  /** Another handle on the same data, as another process has it. */
  again(): Promise<TableStore>;
  close(): Promise<void>;
}

const LATE_MS = 20_000;
const chunk = (seq: number): Piece => ({ kind: "chunk", name: "", part: -1, seq });
const bytes = (length: number, seed = 1): Uint8Array =>
  new Uint8Array(length).map((_, at) => at * 31 + seed * 17 + (at >> 8));
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** What every TableStore must do. */
export function describeTableStore(name: string, open: () => Promise<TablesUnderTest>): void {
  describe(`${name}: table store`, () => {
    let under: TablesUnderTest;
    let place: AttemptPlace;

    beforeEach(async () => {
      under = await open();
      const incarnation = await under.newKeyspace();
      place = { incarnation, run: 1, node: "read orders", phase: "rows", unit: 0, token: "a1" };
    });
    afterEach(() => under.close());

    const refusal = async (attempt: Promise<unknown>): Promise<unknown> =>
      attempt.then(
        () => "no refusal",
        (error: { readonly code: unknown }) => error.code,
      );

    test("a piece is read as it was written, by another handle too", async () => {
      const data = bytes(90_000);
      await under.tables.write(place, [{ piece: chunk(0), data }]);
      await using other = await under.again();
      expect(isSame(await under.tables.read(place, chunk(0)), data)).toBe(true);
      expect(isSame(await other.read(place, chunk(0)), data)).toBe(true);
    });

    test("a piece written after another handle has looked is seen by it", async () => {
      await using other = await under.again();
      expect(await refusal(other.read(place, chunk(0)))).toBe("TABLE_DAMAGED");
      await under.tables.write(place, [{ piece: chunk(0), data: bytes(10) }]);
      expect((await other.read(place, chunk(0))).length).toBe(10);
    });

    test("sizes around the limits of segments come back whole", async () => {
      const sizes = [0, 1, 7, 8, 4095, 1_048_575, 1_048_576, 1_048_577, 2_097_152, 5_000_001];
      const pieces = sizes.map((size, seq) => ({ piece: chunk(seq), data: bytes(size, seq) }));
      await under.tables.write(place, pieces);
      for (const { piece, data } of pieces) {
        expect(isSame(await under.tables.read(place, piece), data)).toBe(true);
      }
    });

    test("a cell of 64 MB fits", async () => {
      const data = new Uint8Array(64 * 2 ** 20 + 5).fill(7);
      data[data.length - 1] = 9;
      await under.tables.write(place, [{ piece: chunk(0), data }]);
      expect(isSame(await under.tables.read(place, chunk(0)), data)).toBe(true);
    });

    test("what is read is the caller's own and aligned, also when a part of a buffer was written", async () => {
      const source = bytes(1000).subarray(3, 903);
      const copy = source.slice();
      await under.tables.write(place, [{ piece: chunk(0), data: source }]);
      source.fill(0);
      const first = await under.tables.read(place, chunk(0));
      expect(first.byteOffset % 8).toBe(0);
      expect(isSame(first, copy)).toBe(true);
      first.fill(1);
      const second = await under.tables.read(place, chunk(0));
      expect(isSame(second, copy)).toBe(true);
      expect(second.buffer).not.toBe(first.buffer);
    });

    test("every part of the address tells pieces apart", async () => {
      const { incarnation } = place;
      const other = await under.newKeyspace();
      const places: AttemptPlace[] = [
        place,
        { ...place, incarnation: other },
        { ...place, run: 2 },
        { ...place, node: "read_orders" },
        { ...place, node: "READ ORDERS" },
        { ...place, node: "größe/../x" },
        { ...place, node: "n".repeat(3000) },
        { ...place, node: `${"n".repeat(2999)}m` },
        { ...place, phase: "finish" },
        { ...place, unit: 1 },
        { ...place, token: "a2" },
        { ...place, token: "a" },
      ];
      const pieces: Piece[] = [
        chunk(0),
        chunk(1),
        { ...chunk(0), part: 0 },
        { ...chunk(0), kind: "index", name: "by id" },
        { ...chunk(0), kind: "index", name: "by_id" },
        { ...chunk(0), kind: "shuffle" },
        { ...chunk(0), kind: "selection" },
        { ...chunk(0), kind: "ranges" },
        { ...chunk(0), kind: "rejected" },
      ];
      const label = (p: number, q: number): Uint8Array => Uint8Array.of(p, q);
      for (const [p, at] of places.entries()) {
        const data = pieces.map((piece, q) => ({ piece, data: label(p, q) }));
        await under.tables.write(at, data);
      }
      for (const [p, at] of places.entries()) {
        for (const [q, piece] of pieces.entries()) {
          expect([...(await under.tables.read(at, piece))]).toEqual([p, q]);
        }
      }
      expect(incarnation).not.toBe(other);
    });

    test("a missing piece is TABLE_DAMAGED, whatever part of its address is unknown", async () => {
      await under.tables.write(place, [{ piece: chunk(0), data: bytes(5) }]);
      const unknown: readonly [AttemptPlace, Piece][] = [
        [place, chunk(1)],
        [{ ...place, token: "b" }, chunk(0)],
        [{ ...place, node: "other" }, chunk(0)],
        [{ ...place, run: 9 }, chunk(0)],
      ];
      for (const [at, piece] of unknown) {
        expect(await refusal(under.tables.read(at, piece))).toBe("TABLE_DAMAGED");
      }
    });

    test("pieces that follow each other are read in one go, up to the first that is missing", async () => {
      const pieces = Array.from({ length: 150 }, (_, at) => ({
        piece: chunk(950 + at),
        data: bytes(at === 7 ? 3_000_000 : at * 1000, at),
      }));
      await under.tables.write(place, pieces);
      const found: Uint8Array[] = [];
      for await (const data of under.tables.readMany(place, chunk(952), 148)) found.push(data);
      expect(found).toHaveLength(148);
      for (const [at, data] of found.entries()) {
        expect(isSame(data, pieces[at + 2]?.data as Uint8Array)).toBe(true);
        expect(data.byteOffset % 8).toBe(0);
      }
      const some: Uint8Array[] = [];
      const tooMany = async (): Promise<void> => {
        for await (const data of under.tables.readMany(place, chunk(1098), 5)) some.push(data);
      };
      expect(await refusal(tooMany())).toBe("TABLE_DAMAGED");
      expect(some).toHaveLength(2);
      for await (const data of under.tables.readMany(place, chunk(950), 150)) {
        expect(data.length).toBe(0);
        break;
      }
    });

    test("readers side by side get what they ask for, whatever else they say they want soon", async () => {
      const { tables } = under;
      const sizes = (at: number): number => [100, 20_000, 0, 3_000_000][at % 13] ?? 500;
      const data = Array.from({ length: 60 }, (_, at) => bytes(sizes(at), at));
      await tables.write(
        place,
        data.map((each, at) => ({ piece: chunk(970 + at), data: each })),
      );
      const readers = Array.from({ length: 59 }, (_, at) => at);
      await forEachLimit(readers, 16, async (at) => {
        let next = at;
        for await (const found of tables.readMany(place, chunk(970 + at), 2, 58 - at + (at % 3))) {
          expect(isSame(found, data[next] as Uint8Array)).toBe(true);
          found.fill(1);
          next += 1;
        }
        expect(next).toBe(at + 2);
      });
      const beyond = async (): Promise<void> => {
        for await (const found of tables.readMany(place, chunk(1029), 2, 5)) void found;
      };
      expect(await refusal(beyond())).toBe("TABLE_DAMAGED");
    });

    test("writing the same piece again with the same data is harmless", async () => {
      const pieces = [{ piece: chunk(0), data: bytes(2_000_000) }];
      await under.tables.write(place, pieces);
      await under.tables.write(place, pieces);
      expect((await under.tables.read(place, chunk(0))).length).toBe(2_000_000);
    });

    test("writing nothing is harmless", async () => {
      await under.tables.write(place, []);
      expect(await refusal(under.tables.read(place, chunk(0)))).toBe("TABLE_DAMAGED");
    });

    test("flush is harmless before the first write, and what is written after it is kept", async () => {
      await under.tables.flush(place);
      await under.tables.write(place, [{ piece: chunk(0), data: bytes(5) }]);
      await under.tables.flush(place);
      await under.tables.flush(place);
      await under.tables.write({ ...place, token: "b" }, [{ piece: chunk(0), data: bytes(6) }]);
      expect((await under.tables.read(place, chunk(0))).length).toBe(5);
      expect((await under.tables.read({ ...place, token: "b" }, chunk(0))).length).toBe(6);
    });

    test("sweep deletes the attempts of the node whose tokens are not kept, and nothing else", async () => {
      const tokens = ["a", "ab", "b", "c", "cc"];
      const write = (at: AttemptPlace, count: number): Promise<void> =>
        under.tables.write(
          at,
          Array.from({ length: count }, (_, seq) => ({ piece: chunk(seq), data: bytes(9) })),
        );
      for (const token of tokens) await write({ ...place, token }, 30);
      await under.tables.write({ ...place, token: "b" }, [
        { piece: chunk(99), data: bytes(3_000_000) },
      ]);
      await write({ ...place, node: "other", token: "b" }, 1);
      await write({ ...place, run: 2, token: "b" }, 1);
      await under.tables.sweep(place, new Set(["ab", "cc", "never written"]));
      for (const token of tokens) {
        const kept = token === "ab" || token === "cc";
        const found = await refusal(under.tables.read({ ...place, token }, chunk(29)));
        const isThere = kept || !under.sweeps;
        expect([token, found]).toEqual([token, isThere ? "no refusal" : "TABLE_DAMAGED"]);
      }
      expect(await refusal(under.tables.read({ ...place, token: "b" }, chunk(99)))).toBe(
        under.sweeps ? "TABLE_DAMAGED" : "no refusal",
      );
      await under.tables.read({ ...place, node: "other", token: "b" }, chunk(0));
      await under.tables.read({ ...place, run: 2, token: "b" }, chunk(0));
    });

    test("sweep of a node that wrote nothing is harmless", async () => {
      await under.tables.sweep(place, new Set());
      await under.tables.sweep({ ...place, node: "never seen" }, new Set(["x"]));
    });

    test("drop removes all of one incarnation, may be repeated, and leaves the others", async () => {
      const other = { ...place, incarnation: await under.newKeyspace() };
      const pieces = [{ piece: chunk(0), data: bytes(5) }];
      for (const at of [place, { ...place, run: 2 }, other]) await under.tables.write(at, pieces);
      await under.tables.drop(place.incarnation);
      await under.tables.drop(place.incarnation);
      await under.tables.drop("never seen");
      expect(await refusal(under.tables.read(place, chunk(0)))).toBe("TABLE_DAMAGED");
      expect((await under.tables.read(other, chunk(0))).length).toBe(5);
    });

    test("another handle that read before a drop gets data or a Fault, and what it writes afterwards is gone or refused", async () => {
      await using other = await under.again();
      await under.tables.write(place, [{ piece: chunk(0), data: bytes(5) }]);
      await other.read(place, chunk(0));
      await under.tables.drop(place.incarnation);
      expect(["no refusal", "TABLE_DAMAGED"]).toContain(await refusal(other.read(place, chunk(0))));
      const late = (): Promise<unknown> =>
        refusal(other.write(place, [{ piece: chunk(1), data: bytes(5) }]));
      const answer = under.takesLateWrites
        ? expect.poll(late, { timeout: LATE_MS })
        : expect(late()).resolves;
      await answer.toBe("KEYSPACE_MISSING");
      expect(await refusal(other.read(place, chunk(1)))).toBe("TABLE_DAMAGED");
    });

    test("many writers and readers at once do not disturb each other", async () => {
      const units = Array.from({ length: 40 }, (_, unit) => unit);
      await forEachLimit(units, 8, async (unit) => {
        const at = { ...place, unit, token: `t${unit}` };
        const pieces: StoredPiece[] = [0, 1, 2].map((seq) => ({
          piece: chunk(seq),
          data: bytes(5000 + unit, seq),
        }));
        await under.tables.write(at, pieces);
        for (const { piece, data } of pieces) {
          expect(isSame(await under.tables.read(at, piece), data)).toBe(true);
        }
      });
    });

    test("more tables than a process keeps open are written and read in turn", async () => {
      const nodes = Array.from({ length: 80 }, (_, node) => `node ${node}`);
      for (const node of nodes) {
        await under.tables.write({ ...place, node }, [{ piece: chunk(0), data: bytes(20) }]);
      }
      await forEachLimit(nodes, 10, async (node) => {
        expect((await under.tables.read({ ...place, node }, chunk(0))).length).toBe(20);
        await under.tables.flush({ ...place, node });
      });
    });

    test("any sequence of writes, sweeps and drops answers as a map would", async () => {
      await fc.assert(
        fc.asyncProperty(commandLists, (commands) => follow(under, commands)),
        {
          numRuns: 25,
        },
      );
      // Each sequence makes and drops a keyspace, which takes seconds on a ring.
    }, 300_000);
  });
}

type Command =
  | { readonly kind: "write"; readonly token: number; readonly seq: number; readonly size: number }
  | { readonly kind: "read"; readonly token: number; readonly seq: number }
  | { readonly kind: "sweep"; readonly keep: readonly number[] }
  | { readonly kind: "flush" };

const token = fc.integer({ min: 0, max: 3 });
const seq = fc.integer({ min: 0, max: 3 });
const commandLists = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("write"), token, seq, size: fc.nat(3) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("read"), token, seq }) },
    fc.record({ kind: fc.constant("sweep"), keep: fc.array(token) }),
    fc.record({ kind: fc.constant("flush") }),
  ) as fc.Arbitrary<Command>,
  { maxLength: 30 },
);

/** A piece is written once, so its size follows from the first write of its address. */
async function follow(under: TablesUnderTest, commands: readonly Command[]): Promise<void> {
  const { tables } = under;
  const incarnation = await under.newKeyspace();
  const node = { incarnation, run: 1, node: "n" };
  const at = (token: number): AttemptPlace => ({
    ...node,
    phase: "rows",
    unit: 0,
    token: `k${token}`,
  });
  const model = new Map<string, Uint8Array>();
  const steps = {
    async write({ token, seq, size }) {
      const data = model.get(`k${token}/${seq}`) ?? bytes(size * 700_000, seq);
      await tables.write(at(token), [{ piece: chunk(seq), data }]);
      model.set(`k${token}/${seq}`, data);
    },
    async read({ token, seq }) {
      const expected = model.get(`k${token}/${seq}`);
      const found = await tables.read(at(token), chunk(seq)).catch(() => undefined);
      expect(found?.length).toBe(expected?.length);
      if (found && expected) expect(isSame(found, expected)).toBe(true);
    },
    async sweep({ keep }) {
      const kept = new Set(keep.map((token) => `k${token}`));
      await tables.sweep(node, kept);
      if (!under.sweeps) return;
      for (const name of model.keys()) if (!kept.has(name.slice(0, 2))) model.delete(name);
    },
    flush: () => tables.flush(node),
  } satisfies {
    [Kind in Command["kind"]]: (command: Extract<Command, { kind: Kind }>) => Promise<void>;
  };
  for (const command of commands) {
    await (steps[command.kind] as (command: Command) => Promise<void>)(command);
  }
  await tables.drop(incarnation);
}
