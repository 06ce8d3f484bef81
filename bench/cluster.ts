// npm run bench:cluster [-- --size S|M] [--rows n]: a worker of this process on a real Cassandra, beside a bare loop of chunks in
// the same run. Uses the cluster of CAPI_TEST_SERVICES, or starts one. Ratios count; the machine is shared with the server.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "cassandra-driver";
import { forEachLimit } from "#pkg/async";
import { openCassandraStores, type CassandraSettings } from "#pkg/store/cassandra";
import { startCassandra, type CassandraAddress } from "../scripts/services/cassandra.ts";
import { runOnCassandra, settingsFor } from "../test/support/cassandra-run.ts";
import { newestFirst } from "#pkg/draft";
import { generate, type Size } from "./generate.ts";

const { values: flags } = parseArgs({
  options: {
    size: { type: "string", default: "S" },
    rows: { type: "string", default: "1000000" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
  },
});
const CHUNK_ROWS = 1000;
const CHUNK_BYTES = 91_300;
const AT_ONCE = 8;

const fixed = (value: number, digits = 0): string => value.toFixed(digits);
const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

/** The same chunks written and scanned by the driver alone and by the table store, in turns. */
async function chunks(settings: CassandraSettings): Promise<void> {
  const count = Math.ceil(Number(flags.rows) / CHUNK_ROWS);
  const data = Buffer.from(
    Uint8Array.from({ length: CHUNK_BYTES }, (_, at) => (at * 7 + (at >> 5)) & 255),
  );
  const { hosts, localDataCenter, port = 9042 } = settings;
  const client = new Client({
    contactPoints: [...hosts],
    localDataCenter,
    protocolOptions: { port },
  });
  await client.connect();
  await using stores = await openCassandraStores(settings);
  const { control, tables } = stores;
  const { incarnation } = await control.openKeyspace("bench", randomUUID());
  const bare = `bare_${randomUUID().slice(0, 8)}`;
  await client.execute(`CREATE KEYSPACE ${bare} WITH replication = ${settings.replication ?? ""}`);
  await client.execute(`CREATE TABLE ${bare}.chunk (p int, c int, data blob, PRIMARY KEY (p, c))`);
  const write = `INSERT INTO ${bare}.chunk (p, c, data) VALUES (?, ?, ?)`;
  const read = `SELECT data FROM ${bare}.chunk WHERE p = ?`;
  const numbers = Array.from({ length: count }, (_, chunk) => chunk);
  const ratios: { write: number; scan: number }[] = [];
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    const bareWrite = await secondsOf(() =>
      forEachLimit(numbers, AT_ONCE, async (chunk) => {
        await client.execute(write, [round, chunk, data], { prepare: true });
      }),
    );
    const place = { incarnation, run: 1, node: "n", phase: "rows", unit: round, token: "t" };
    const groups = numbers.filter((chunk) => chunk % 10 === 0);
    const storeWrite = await secondsOf(() =>
      forEachLimit(groups, 2, (first) =>
        tables.write(
          place,
          numbers
            .slice(first, first + 10)
            .map((seq) => ({ piece: { kind: "chunk", name: "", part: 0, seq }, data })),
        ),
      ),
    );
    const bareScan = await secondsOf(async () => {
      let pageState: string | undefined;
      do {
        const page = await client.execute(read, [round], {
          prepare: true,
          fetchSize: 40,
          ...(pageState === undefined ? {} : { pageState }),
        });
        pageState = page.pageState ?? undefined;
      } while (pageState !== undefined);
    });
    const storeScan = await secondsOf(async () => {
      const first = { kind: "chunk", name: "", part: 0, seq: 0 } as const;
      let bytes = 0;
      for await (const each of tables.readMany(place, first, count)) bytes += each.length;
      if (bytes !== count * CHUNK_BYTES) throw new Error("the scan lost something");
    });
    const rate = (seconds: number): string => `${fixed((count * CHUNK_ROWS) / seconds / 1000)}k`;
    ratios.push({ write: bareWrite / storeWrite, scan: bareScan / storeScan });
    console.log(
      `chunks: write bare ${rate(bareWrite)} store ${rate(storeWrite)} rows/s · scan bare ${rate(bareScan)} store ${rate(storeScan)} rows/s`,
    );
  }
  const median = (pick: (each: { write: number; scan: number }) => number): number =>
    ratios.map(pick).toSorted((a, b) => a - b)[ratios.length >> 1] ?? 0;
  console.log(
    `chunks: the store reaches ${fixed(median((r) => r.write) * 100)} % of the bare loop writing, ${fixed(median((r) => r.scan) * 100)} % scanning`,
  );
  await client.execute(`DROP KEYSPACE ${bare}`);
  await tables.drop(incarnation);
  await client.shutdown();
}

/** J1 node by node. */
async function job(settings: CassandraSettings, size: Size): Promise<void> {
  const input = join(tmpdir(), `capillaries-bench-data-${size}`);
  if (!existsSync(input)) generate(size, input);
  const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
  const out = join(work, "out");
  mkdirSync(out);
  const parameters = join(work, "params.json");
  writeFileSync(parameters, JSON.stringify({ dir_in: input, dir_out: out, batches: 8 }));
  const script = join(import.meta.dirname, "jobs", "j1.json");
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    const cpu = process.cpuUsage();
    const { report, seconds } = await runOnCassandra(settings, {
      keyspace: `j1_${round}`,
      script,
      parameters,
      threads: Number(flags.threads),
    });
    const { user, system } = process.cpuUsage(cpu);
    console.log(
      `j1 ${size}: ${report.outcome} in ${fixed(seconds, 2)} s, ${fixed((user + system) / 1e6, 2)} s of processor time`,
    );
    for (const { node, rows, elapsedMs } of report.nodes)
      if (round === Number(flags.rounds) - 1)
        console.log(
          `  ${node.padEnd(20)} ${fixed(rows.read)} rows, ${fixed(rows.read / elapsedMs)}k rows/s`,
        );
  }
  rmSync(work, { recursive: true });
}

/** The same rows in 100 and in 1000 batches: what a batch costs beside its rows. */
async function batches(settings: CassandraSettings): Promise<void> {
  const elapsed = new Map<number, number>();
  for (const count of [1, 100, 1000]) {
    const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
    const lines = Array.from({ length: 20_000 }, (_, row) => `${row},${row % 97}`);
    writeFileSync(join(work, "rows.csv"), `id,value\n${lines.join("\n")}\n`);
    writeFileSync(join(work, "script.json"), JSON.stringify(manyBatches(work, count)));
    const { report } = await runOnCassandra(settings, {
      keyspace: `batches_${count}`,
      script: join(work, "script.json"),
      threads: Number(flags.threads),
    });
    const node = report.nodes.find((each) => each.node === "copy");
    if (report.outcome !== "succeeded") throw new Error(JSON.stringify(report.nodes));
    elapsed.set(count, node?.elapsedMs ?? 0);
    console.log(
      `batches: ${count} took ${node?.elapsedMs} ms, ${fixed((node?.elapsedMs ?? 0) / count, 1)} ms each`,
    );
    rmSync(work, { recursive: true });
  }
}

const field = (expression: string) => ({ expression, type: "int" });
const manyBatches = (folder: string, count: number): object => ({
  nodes: {
    read: {
      type: "file_table",
      r: {
        urls: [join(folder, "rows.csv")],
        csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
        columns: {
          col_id: { csv: { col_hdr: "id" }, col_type: "int" },
          col_value: { csv: { col_hdr: "value" }, col_type: "int" },
        },
      },
      w: { name: "rows", fields: { id: field("r.col_id"), value: field("r.col_value") } },
    },
    copy: {
      type: "table_table",
      r: { table: "rows", expected_batches_total: count },
      w: { name: "copied", fields: { id: field("r.id"), value: field("r.value + 1") } },
    },
  },
  dependency_policies: { newest_first: newestFirst },
});

const given = JSON.parse(process.env["CAPI_TEST_SERVICES"] ?? "{}") as {
  readonly cassandra?: CassandraAddress;
};
const own = given.cassandra === undefined ? await startCassandra({ heapMb: 2048 }) : undefined;
try {
  const address = given.cassandra ?? own?.address;
  if (address === undefined) throw new Error("there is no Cassandra");
  await chunks(settingsFor(address));
  await batches(settingsFor(address));
  await job(settingsFor(address), flags.size as Size);
} finally {
  await own?.[Symbol.asyncDispose]();
}
