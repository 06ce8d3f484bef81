import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auth, Client } from "cassandra-driver";
import { afterAll, expect } from "vitest";
import type { CassandraAddress } from "../../scripts/services/cassandra.ts";
import { issuedCertificate, newAuthority } from "../support/certificate.ts";
import { cli } from "../support/cli.ts";
import { contentsOf } from "../support/folders.ts";
import { ownCassandra, ownRabbit, testWithOwn } from "../support/services.ts";
import { tinyPipeline } from "../support/tiny-pipeline.ts";
import { until } from "../support/until.ts";
import { spawnWorker } from "../support/workers.ts";

const folder = mkdtempSync(join(tmpdir(), "capillaries-access-"));
afterAll(() => rmSync(folder, { recursive: true }));
const tls = issuedCertificate(folder);
const stranger = newAuthority(folder, "stranger").certificate;

const GUARDED = [
  "authenticator: PasswordAuthenticator",
  "authorizer: CassandraAuthorizer",
  "client_encryption_options:",
  "  enabled: true",
  "  optional: false",
  `  keystore: ${tls.store}`,
  `  keystore_password: ${tls.password}`,
  "  store_type: PKCS12",
];

const administrator = { username: "cassandra", password: "cassandra" };

/** Makes a user that may do everything and one that may do nothing; the server makes its first user some time after its start. */
async function makeUsers({ contactPoints, port, localDataCenter }: CassandraAddress) {
  const client = await until("the first user may sign in", async () => {
    const trying = new Client({
      contactPoints: [...contactPoints],
      localDataCenter,
      protocolOptions: { port },
      authProvider: new auth.PlainTextAuthProvider("cassandra", administrator.password),
      sslOptions: { ca: [readFileSync(tls.authority, "utf8")], rejectUnauthorized: true },
    });
    try {
      await trying.connect();
      return trying;
    } catch {
      await trying.shutdown();
      return undefined;
    }
  });
  await client.execute("CREATE ROLE ann WITH PASSWORD = 'secret-1' AND LOGIN = true");
  await client.execute("GRANT ALL ON ALL KEYSPACES TO ann");
  await client.execute("CREATE ROLE bob WITH PASSWORD = 'secret-2' AND LOGIN = true");
  await client.shutdown();
}

const settingsOf = ({ contactPoints, port, localDataCenter }: CassandraAddress) => ({
  CAPI_CASSANDRA_HOSTS: contactPoints.join(","),
  CAPI_CASSANDRA_PORT: String(port),
  CAPI_CASSANDRA_LOCAL_DATA_CENTER: localDataCenter,
});

/** What the toolbelt says when it cannot reach its database or broker with these settings. */
async function refused(
  env: NodeJS.ProcessEnv,
  command = "check_db_connectivity",
  exitCode = 5,
): Promise<string> {
  const { code, stderr } = await cli(["--cluster", command], { cwd: folder, env });
  expect(code, stderr).toBe(exitCode);
  expect(stderr).not.toContain("secret");
  expect(stderr, "one sentence and the way out").toMatch(/^error [A-Z_]+: [^\n]+\n {2}→ [^\n]+\n$/);
  return stderr;
}

testWithOwn(
  "Cassandra with users and TLS: a worker runs a script on it, and who may not is told what is wrong",
  () => ownCassandra({ heapMb: 512, yaml: GUARDED, folders: [folder], credentials: administrator }),
  async ({ address }) => {
    await makeUsers(address);
    const secure = { ...settingsOf(address), CAPI_CASSANDRA_CA_PATH: tls.authority };
    const user = (name: string, password: string) => ({
      CAPI_CASSANDRA_USERNAME: name,
      CAPI_CASSANDRA_PASSWORD: password,
    });
    const ann = { ...secure, ...user("ann", "secret-1") };

    expect(await refused({ ...secure, ...user("ann", "secret-9") })).toMatch(
      /^error CLUSTER_REFUSED: .*refused the user "ann"/,
    );
    expect(await refused(secure)).toMatch(/^error CLUSTER_REFUSED: .*user/);
    const powerless = await refused({ ...secure, ...user("bob", "secret-2") });
    expect(powerless).toMatch(/^error CLUSTER_REFUSED: .*bob/);
    expect(powerless).toMatch(/rights/);
    const own = { CAPI_CASSANDRA_CA_PATH: "", CAPI_CASSANDRA_ENABLE_HOST_VERIFICATION: "true" };
    expect(await refused({ ...ann, ...own })).toMatch(/certificate/);
    expect(await refused({ ...ann, CAPI_CASSANDRA_CA_PATH: stranger })).toMatch(/certificate/);
    expect(
      await refused({ ...ann, CAPI_CASSANDRA_CA_PATH: tls.key }, "check_db_connectivity", 2),
    ).toMatch(/^error CONFIG_INVALID: .*ca_path.*no certificate/);
    const { CAPI_CASSANDRA_CA_PATH: _, ...plain } = ann;
    expect(await refused(plain)).toMatch(/^error CLUSTER_UNAVAILABLE: .*TLS/s);

    const worker = spawnWorker(folder, ann);
    try {
      await until("the worker serves", () =>
        worker.printed().includes("worker serves") ? true : undefined,
      );
      const tiny = tinyPipeline(folder, { files: 2 });
      const args = ["--cluster", "run", tiny.script, "--keyspace", "tiny"];
      const { code, stderr } = await cli(args, { cwd: folder, env: ann });
      expect(code, stderr).toBe(0);
      expect(Object.keys(contentsOf(tiny.out)).length).toBeGreaterThan(0);
    } finally {
      expect(await worker.stop()).toBe(0);
    }
  },
);

testWithOwn(
  "amqps: a worker takes its messages through it with the right authority, and only with that and the right host",
  () => ownRabbit({ tls }),
  async ({ address }) => {
    const secure = {
      CAPI_DATA: join(folder, "data"),
      CAPI_AMQP_URL: address.url,
      CAPI_AMQP_QUEUE: "access",
      CAPI_AMQP_CA_PATH: tls.authority,
    };
    const check = "check_queue_connectivity";
    const trusted = await cli([check], { cwd: folder, env: secure });
    expect(trusted.code, trusted.stderr).toBe(0);
    expect(trusted.stdout).toMatch(/^OK: amqps:/);

    const { CAPI_AMQP_CA_PATH: _, ...usual } = secure;
    expect(await refused(usual, check)).toMatch(/^error QUEUE_REFUSED: .*certificate/);
    expect(await refused({ ...secure, CAPI_AMQP_CA_PATH: stranger }, check)).toMatch(
      /^error QUEUE_REFUSED: .*certificate/,
    );
    expect(await refused({ ...secure, CAPI_AMQP_CA_PATH: tls.key }, check, 2)).toMatch(
      /^error CONFIG_INVALID: .*amqp\.ca_path.*no certificate/,
    );
    const elsewhere = address.url.replace("127.0.0.1", "localhost");
    expect(await refused({ ...secure, CAPI_AMQP_URL: elsewhere }, check)).toMatch(
      /^error QUEUE_REFUSED: .*localhost.*does not match/,
    );
    const plain = address.url.replace("amqps:", "amqp:");
    expect(await refused({ ...secure, CAPI_AMQP_URL: plain }, check)).toMatch(
      /^error QUEUE_UNAVAILABLE: .*begin amqp\.url with amqps/s,
    );

    const unknown = spawnWorker(folder, { ...secure, CAPI_AMQP_CA_PATH: stranger });
    expect(await unknown.ended).toBe(5);
    expect(unknown.printed()).toMatch(/^error QUEUE_REFUSED: .*certificate/m);
    const worker = spawnWorker(folder, secure);
    try {
      await until("the worker serves", () =>
        worker.printed().includes("worker serves") ? true : undefined,
      );
      expect(worker.printed()).toContain("the broker is connected");
      const tiny = tinyPipeline(join(folder, "secure"), { files: 3 });
      const args = ["--cluster", "run", tiny.script, "--keyspace", "tiny"];
      const { code, stderr } = await cli(args, { cwd: folder, env: secure });
      expect(code, stderr).toBe(0);
      expect(Object.keys(contentsOf(tiny.out)).length).toBeGreaterThan(0);
    } finally {
      expect(await worker.stop()).toBe(0);
    }
  },
);
