import { openEmbeddedControl } from "../embedded-control.ts";
import { openEmbeddedTables } from "../embedded-tables.ts";

/** A process that opens and closes the stores of a folder again and again and writes something each time. */
export interface Cycles {
  readonly folder: string;
  readonly name: string;
  readonly cycles: number;
}

const { folder, name, cycles } = JSON.parse(process.argv[2] ?? "") as Cycles;
const place = { incarnation: "i1", run: 1, node: "read", phase: "rows", unit: 0 } as const;
const piece = { kind: "chunk", name: "", part: -1, seq: 0 } as const;

async function write(token: string): Promise<string> {
  await using control = await openEmbeddedControl({ folder });
  await using tables = await openEmbeddedTables({ folder });
  await tables.write({ ...place, token }, [{ piece, data: new Uint8Array(3000) }]);
  return await control.putDocument(token);
}

for (let cycle = 0; cycle < cycles; cycle++) {
  const hash = await write(`${name}-${cycle}`);
  await using control = await openEmbeddedControl({ folder, readOnly: true });
  await control.document(hash);
}
