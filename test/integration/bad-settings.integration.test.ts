import { createServer, type AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cli } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { withService } from "../support/services.ts";
import { spawnWorker } from "../support/workers.ts";

const PATIENCE_MS = 30_000;
/** A port of this machine where nothing listens. */
const NOBODY = "9";

interface Refusal {
  readonly code: number | null;
  /** The sentence, without the way out. */
  readonly sentence: string;
  readonly hint: string;
}

/** What the daemon says and answers when it cannot begin with these settings. */
async function refusal(settings: unknown, env: NodeJS.ProcessEnv = {}): Promise<Refusal> {
  const folder = temporaryFolder("settings");
  writeFileSync(join(folder, "capidaemon.json"), JSON.stringify(settings, null, 2));
  const worker = spawnWorker(folder, { CAPI_LOG_LEVEL: "error", ...env });
  onTestFinished(() => worker.kill());
  const code = await worker.ended;
  const text = worker.printed().replaceAll(`${folder}/`, "");
  const [, sentence = "", hint = ""] = /^error (.*)\n {2}→ (.*)$/ms.exec(text) ?? [];
  expect(text, "one fault and nothing else").toMatch(/^error [A-Z_]+: [^\n]+\n {2}→ [^\n]+\n$/);
  return { code, sentence, hint };
}

test(
  "an unknown key, no installation, no address of a broker: exit code 2 with the place",
  async () => {
    expect(await refusal({ data: "d", thread_pool_sise: 2 })).toMatchObject({
      code: 2,
      sentence:
        "CONFIG_INVALID: capidaemon.json:3:3: there is no setting thread_pool_sise; did you mean thread_pool_size?",
    });
    expect(await refusal({})).toMatchObject({
      code: 2,
      sentence: expect.stringContaining("capidaemon.json: no installation is named") as string,
    });
    expect(await refusal({ data: "d", amqp: { url: "mq.example:5672" } })).toMatchObject({
      code: 2,
      sentence: expect.stringContaining("the setting amqp.url is no address") as string,
    });
    expect(await refusal({ data: "d" }, { CAPI_LEASE_SECONDS: "soon" })).toMatchObject({
      code: 2,
      sentence: expect.stringContaining("variable CAPI_LEASE_SECONDS: lease_seconds") as string,
    });
  },
  PATIENCE_MS,
);

test(
  "a port in use: exit code 5 with the setting",
  async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await refusal({ data: "d", log: { prometheus_exporter_port: port } })).toMatchObject({
      code: 5,
      sentence: `PORT_UNAVAILABLE: the port ${port} of log.prometheus_exporter_port cannot be served on 127.0.0.1: it is in use`,
    });
  },
  PATIENCE_MS,
);

test(
  "a broker that is not there: the check of the toolbelt ends with 5 and the address, without the password",
  async () => {
    const folder = temporaryFolder("broker");
    const env = { CAPI_AMQP_URL: `amqp://ann:hunter2@127.0.0.1:${NOBODY}/` };
    const { code, stderr } = await cli(["check_queue_connectivity"], { cwd: folder, env });
    expect(code).toBe(5);
    expect(stderr).toContain(`QUEUE_UNAVAILABLE: the broker amqp://127.0.0.1:${NOBODY}/`);
    expect(stderr).not.toContain("hunter2");
    expect((await cli(["check_queue_connectivity"], { cwd: folder })).code).toBe(2);
  },
  PATIENCE_MS,
);

test(
  "--cluster without an installation: exit code 2 and what to set",
  async () => {
    const { code, stderr } = await cli(["--cluster", "runs"], {
      cwd: temporaryFolder("nowhere"),
      env: { CAPI_DATA: "" },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("cassandra.hosts");
  },
  PATIENCE_MS,
);

withService("rabbit", ({ url }) => {
  test(
    "a wrong password and a virtual host that is not there: exit code 5",
    async () => {
      const wrong = new URL(url);
      wrong.password = "hunter2";
      const refused = await refusal({ data: "d", amqp: { url: wrong.href } });
      expect(refused).toMatchObject({ code: 5 });
      expect(refused.sentence).toMatch(/^QUEUE_REFUSED: .*user or password is wrong/);
      expect(refused.sentence).not.toContain("hunter2");
      const nowhere = await refusal({ data: "d", amqp: { url: `${url}/nowhere` } });
      expect(nowhere.sentence).toMatch(/^QUEUE_REFUSED: .*virtual host/);
    },
    PATIENCE_MS,
  );
});

test(
  "a database that is not there: exit code 5 with host and port",
  async () => {
    const refused = await refusal({ cassandra: { hosts: ["127.0.0.1"], port: Number(NOBODY) } });
    expect(refused).toMatchObject({ code: 5 });
    expect(refused.sentence).toContain(`Cassandra cannot be reached at 127.0.0.1, port ${NOBODY}`);
    const unknown = await refusal({ cassandra: { hosts: ["no-such-host.invalid"] } });
    expect(unknown.sentence).toContain("no-such-host.invalid");
  },
  PATIENCE_MS,
);

test(
  "a database and a broker that take connections and never answer: exit code 5 with the address",
  async () => {
    const server = createServer((socket) => {
      onTestFinished(() => void socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const database = await refusal({ cassandra: { hosts: ["127.0.0.1"], port } });
    expect(database).toMatchObject({ code: 5 });
    expect(database.sentence).toContain(`127.0.0.1, port ${port}: nobody has answered for 8 s`);
    const folder = temporaryFolder("silent");
    const env = { CAPI_AMQP_URL: `amqp://127.0.0.1:${port}/` };
    const broker = await cli(["check_queue_connectivity"], { cwd: folder, env });
    expect(broker.code, broker.stderr).toBe(5);
    expect(broker.stderr).toContain(`QUEUE_UNAVAILABLE: the broker amqp://127.0.0.1:${port}/`);
  },
  PATIENCE_MS,
);

withService("cassandra", ({ contactPoints, port }) => {
  const cassandra = { hosts: contactPoints, port, control_keyspace: "bad_settings" };

  test(
    "a wrong data centre and a wrong replication: exit code 5 with the setting",
    async () => {
      const elsewhere = await refusal({ cassandra: { ...cassandra, local_data_center: "mars" } });
      expect(elsewhere).toMatchObject({ code: 5 });
      expect(elsewhere.sentence).toMatch(/mars.*datacenter1/);
      const broken = await refusal({
        cassandra: { ...cassandra, keyspace_replication_config: "three of them" },
      });
      expect(broken).toMatchObject({ code: 5 });
      expect(`${broken.sentence} ${broken.hint}`).toMatch(/keyspace|replication/);
    },
    PATIENCE_MS,
  );
});
