import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isFault } from "#pkg/fault";
import { daemonSettings, readSettings, toolbeltSettings, type Environment } from "./index.ts";

function folderWith(settings: unknown, program = "capidaemon"): string {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const text = typeof settings === "string" ? settings : JSON.stringify(settings, null, 2);
  if (settings !== undefined) writeFileSync(join(folder, `${program}.json`), text);
  return folder;
}

const daemon = async (settings: unknown, environment: Environment = {}) =>
  daemonSettings(
    await readSettings("capidaemon", { folders: [folderWith(settings)], environment }),
  );

async function problemsOf(settings: unknown, environment: Environment = {}): Promise<string[]> {
  const folder = folderWith(settings);
  try {
    await readSettings("capidaemon", { folders: [folder], environment });
  } catch (error) {
    if (!isFault(error) || error.code !== "CONFIG_INVALID") throw error;
    return error.message.replaceAll(`${folder}/`, "").split("\n");
  }
  return [];
}

/** As shipped with the reference's release 1.2.1. */
const LATEST = {
  handler_executable_type: "capi_daemon",
  cassandra: {
    hosts: ["10.5.0.11"],
    port: 9042,
    username: "cassandra",
    password: "cassandra",
    keyspace_replication_config: "{'class':'NetworkTopologyStrategy', 'datacenter1':1}",
    writer_workers: 20,
    num_conns: 2,
    timeout: 5000,
    connect_timeout: 1000,
    consistency: "",
    ssl_opts: { ca_path: "/etc/ca.pem", enable_host_verification: true },
  },
  mq_type: "amqp10",
  amqp10: { url: "amqp://guest:guest@10.5.0.5:5672/", address: "/queues/capidaemon" },
  capimq_client: { url: "http://10.5.0.5:7654", heartbeat_interval: 1000 },
  daemon: { thread_pool_size: 4 },
  private_keys: { sftpuser: "/root/.ssh/sftpuser" },
  custom_processors: {
    py_calc: { python_interpreter_path: "/usr/bin/python3", python_interpreter_params: ["-u"] },
    tag_and_denormalize: {},
  },
  log: { level: "debug", prometheus_exporter_port: 9200 },
};

/** As shipped with 1.1.6. */
const FIRST = {
  handler_executable_type: "capi_daemon",
  cassandra: { hosts: ["c1", "c2"], port: 9042, writer_workers: 4, min_inserter_rate: 5 },
  amqp: {
    url: "amqp://guest:guest@mq/",
    exchange: "capillaries",
    prefetch_count: 20,
    prefetch_size: 0,
  },
  dead_letter_ttl: 1000,
  thread_pool_size: 5,
  zap_config: { level: "debug", encoding: "json", outputPaths: ["stdout"] },
};

test("a file of the latest reference is read, and what has no effect is noted", async () => {
  const settings = await daemon(LATEST);
  expect(settings).toMatchObject({
    name: "capi_daemon",
    threads: 4,
    logLevel: "debug",
    http: { host: "127.0.0.1", port: 9200 },
    broker: { url: "amqp://guest:guest@10.5.0.5:5672/", queue: "capillaries.units" },
    privateKeys: { sftpuser: "/root/.ssh/sftpuser" },
    customProcessors: { py_calc: { python_interpreter_path: "/usr/bin/python3" } },
  });
  expect(settings.cassandra).toEqual({
    hosts: ["10.5.0.11"],
    port: 9042,
    username: "cassandra",
    password: "cassandra",
    replication: "{'class':'NetworkTopologyStrategy', 'datacenter1':1}",
    tls: { authorityPath: "/etc/ca.pem", verifyHost: true },
  });
  expect(settings.notes.map((note) => note.split(" ")[2])).toEqual([
    "cassandra.num_conns",
    "cassandra.timeout",
    "cassandra.connect_timeout",
    "cassandra.writer_workers",
    "amqp10.address",
    "capimq_client",
    "capimq_client.url",
  ]);
});

test("a file of 1.1.6 is read", async () => {
  const settings = await daemon(FIRST);
  expect(settings).toMatchObject({
    threads: 5,
    broker: { url: "amqp://guest:guest@mq/" },
    cassandra: { hosts: ["c1", "c2"] },
    memoryMb: 512,
    graceSeconds: 20,
  });
  expect(settings.http).toBeUndefined();
  expect(settings.notes).toHaveLength(7);
});

test("the environment wins over the file, with lists by commas and maps by colons", async () => {
  const settings = await daemon(LATEST, {
    CAPI_CASSANDRA_HOSTS: "a, b",
    CAPI_CASSANDRA_PORT: "9142",
    CAPI_CASSANDRA_ENABLE_HOST_VERIFICATION: "false",
    CAPI_MQ_TYPE: "none",
    CAPI_PYCALC_INTERPRETER_PATH: "/opt/python3",
    CAPI_PRIVATE_KEYS: "ann:/keys/ann,bob:/keys/b:c",
    CAPI_LOG_LEVEL: "",
  });
  expect(settings.cassandra).toMatchObject({
    hosts: ["a", "b"],
    port: 9142,
    tls: { verifyHost: false },
  });
  expect(settings.broker).toBeUndefined();
  expect(settings.privateKeys).toEqual({ ann: "/keys/ann", bob: "/keys/b:c" });
  expect(settings.customProcessors["py_calc"]).toEqual({
    python_interpreter_path: "/opt/python3",
    python_interpreter_params: ["-u"],
  });
  expect(settings.logLevel).toBe("debug");
});

test("the file next to the executable is looked at before the one in the current folder", async () => {
  const [program, current] = [folderWith({ data: "/p" }), folderWith({ data: "/c" })];
  const folders = [program, current];
  expect((await readSettings("capidaemon", { folders, environment: {} })).values.get("data")).toBe(
    "/p",
  );
  const none = folderWith(undefined);
  const found = await readSettings("capidaemon", { folders: [none, current], environment: {} });
  expect(found.file).toBe(join(current, "capidaemon.json"));
});

test("without file and environment everything has its default", async () => {
  expect(await daemon(undefined)).toEqual({
    access: {},
    file: undefined,
    notes: [],
    privateKeys: {},
    customProcessors: {},
    logLevel: "info",
    memoryMb: 512,
    graceSeconds: 20,
  });
});

test("all problems are listed at once, each with its place", async () => {
  const text = `{
  "cassandra": {
    "hosts": "10.0.0.1",
    "prot": 9042
  },
  "deamon": { "memory_mb": 1 },
  "log": { "level": "loud", "prometheus_exporter_port": 70000 }
}`;
  const problems = await problemsOf(text, {
    CAPI_THREAD_POOL_SIZE: "many",
    CAPI_PRIVATE_KEYS: "nobody",
  });
  expect(new Set(problems)).toEqual(
    new Set([
      'capidaemon.json:3:5: cassandra.hosts must be a list of texts, not "10.0.0.1"',
      "capidaemon.json:4:5: there is no setting cassandra.prot; did you mean port?",
      "capidaemon.json:6:3: there is no setting deamon; did you mean daemon?",
      'capidaemon.json:7:12: log.level must be one of debug, info, warn, error, dpanic, panic, fatal, not "loud"',
      "capidaemon.json:7:29: log.prometheus_exporter_port must be at most 65535, not 70000",
      'variable CAPI_THREAD_POOL_SIZE: daemon.thread_pool_size must be a whole number, not "many"',
      'variable CAPI_PRIVATE_KEYS: private_keys must be a map, not "nobody"',
    ]),
  );
});

test("a key that is like no other is to be removed", async () => {
  expect(await problemsOf({ colour: "blue" })).toEqual([
    "capidaemon.json:2:3: there is no setting colour; remove it",
  ]);
});

test("what is no JSON is told with line and column", async () => {
  expect((await problemsOf('{\n  "data" "x"\n}'))[0]).toMatch(
    /^capidaemon\.json:2:\d+: this is not JSON: /,
  );
});

test("a file that cannot be read is told", async () => {
  const folder = folderWith(undefined);
  mkdirSync(join(folder, "capitoolbelt.json"));
  const reading = readSettings("capitoolbelt", { folders: [folder], environment: {} });
  await expect(reading).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

test("settings of the worker are noted in the file of the toolbelt", async () => {
  const folder = folderWith(LATEST, "capitoolbelt");
  const settings = toolbeltSettings(
    await readSettings("capitoolbelt", { folders: [folder], environment: {} }),
  );
  expect(settings.notes).toContain("the setting daemon.thread_pool_size is for capidaemon");
  expect(Object.isFrozen(settings)).toBe(true);
});
