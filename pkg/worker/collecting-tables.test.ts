import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AttemptPlace, Piece } from "#pkg/store";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { collectingTables } from "./collecting-tables.ts";

const chunk = (seq: number): Piece => ({ kind: "chunk", name: "", part: -1, seq });
const bytesOf = (seq: number): Uint8Array => new Uint8Array(1000).fill(seq);

test("tables of a thread with little memory are the same tables, looked at after every piece", async () => {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-tables-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using control = await openEmbeddedControl({ folder });
  const { incarnation } = await control.openKeyspace("orders", "inc");
  let looks = 0;
  const plain = await openEmbeddedTables({ folder });
  await using tables = collectingTables(plain, () => {
    looks += 1;
  });
  expect(tables.chunkSize).toEqual(plain.chunkSize);

  const node = { incarnation, run: 1, node: "read" };
  const place: AttemptPlace = { ...node, phase: "rows", unit: 0, token: "a1" };
  const numbers = [1, 2, 3];
  await tables.write(
    place,
    numbers.map((seq) => ({ piece: chunk(seq), data: bytesOf(seq) })),
  );
  await tables.flush(node);
  expect(looks).toBe(1);
  expect(await tables.read(place, chunk(2))).toEqual(bytesOf(2));
  expect(looks).toBe(2);
  const found: Uint8Array[] = [];
  for await (const data of tables.readMany(place, chunk(1), 3)) found.push(data);
  expect(found).toEqual(numbers.map(bytesOf));
  expect(looks).toBe(5);

  await tables.sweep(node, new Set());
  await expect(tables.read(place, chunk(2))).rejects.toThrow(
    expect.objectContaining({ code: "TABLE_DAMAGED" }),
  );
  await tables.drop(incarnation);
  await expect(tables.read(place, chunk(2))).rejects.toThrow();
});
