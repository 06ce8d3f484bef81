import { randomUUID } from "node:crypto";
import { Client } from "cassandra-driver";
import { expect, test } from "vitest";
import { openCassandraStores } from "#pkg/store/cassandra";
import { settingsFor } from "../support/cassandra-run.ts";
import { withService } from "../support/services.ts";
import { tinyPipeline } from "../support/tiny-pipeline.ts";
import { installation } from "../support/workers.ts";

interface Report {
  readonly findings: readonly {
    readonly kind: string;
    readonly place: string;
    readonly fixed: boolean;
  }[];
}

withService("cassandra", (address) => {
  test("doctor finds and drops tables that no installation knows, names those that are gone, and leaves other installations alone", async () => {
    const site = installation("doctor");
    await site.worker();
    const tiny = tinyPipeline(site.folder, { files: 1 });
    expect((await site.toolbelt("run", tiny.script, "--keyspace", "kept")).code).toBe(0);
    expect((await site.toolbelt("run", tiny.script, "--keyspace", "lost")).code).toBe(0);

    await using neighbour = await openCassandraStores(settingsFor(address));
    await neighbour.control.openKeyspace(`n_${randomUUID().slice(0, 8)}`, randomUUID());
    const control = String(site.env["CAPI_CASSANDRA_CONTROL_KEYSPACE"]);
    const client = new Client({
      contactPoints: [...address.contactPoints],
      localDataCenter: address.localDataCenter,
      protocolOptions: { port: address.port },
    });
    const physical = async (name: string): Promise<string> => {
      const { rows } = await client.execute(
        `SELECT physical FROM ${control}."keyspace" WHERE name = '${name}'`,
      );
      return String(rows[0]?.["physical"]);
    };
    const lost = await physical("lost");
    await client.execute(`DROP KEYSPACE "${lost}"`);
    const deleted = `test_${randomUUID().replaceAll("-", "")}`;
    const orphan = `o_${randomUUID().slice(0, 8)}`;
    {
      await using gone = await openCassandraStores(settingsFor(address, deleted));
      await gone.control.openKeyspace(orphan, "i1");
    }
    // As if somebody had deleted that installation by hand and forgotten its tables.
    await client.execute(`DROP KEYSPACE ${deleted}`);

    const examined = await site.toolbelt("doctor", "--quick", "--json");
    const report = JSON.parse(examined.stdout) as Report;
    const found = report.findings.map(({ kind, place }) => [kind, place.slice(0, 10)]);
    expect(found).toContainEqual(["orphan_keyspace", orphan]);
    expect(found).toContainEqual(["lost_keyspace", "lost"]);
    expect(found.filter(([, place]) => place?.startsWith("n_"))).toEqual([]);
    expect(found.filter(([, place]) => place === "kept")).toEqual([]);

    const fixed = await site.toolbelt("doctor", "--quick", "--fix", "--json");
    const repaired = (JSON.parse(fixed.stdout) as Report).findings.filter((one) => one.fixed);
    expect(repaired.map(({ kind }) => kind)).toContain("orphan_keyspace");
    const left = (await client.execute("SELECT keyspace_name FROM system_schema.keyspaces")).rows;
    expect(left.filter((row) => String(row["keyspace_name"]).startsWith(orphan))).toEqual([]);
    await client.shutdown();
  }, 120_000);
});
