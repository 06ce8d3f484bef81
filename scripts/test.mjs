// The whole proof: installs what is missing, then format, lint, types, unused code, tests with coverage, build, conformance
// cases embedded and on a cluster, integration tests with Cassandra and RabbitMQ beside them. Ends with the plain line
// "N passed, N failed". Needs nothing but Node and npm to begin with; for the services also Java, Maven and the Debian package of
// RabbitMQ. With names of services (npm test -- ring41 rabbit4) only what concerns a cluster, on those.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const root = join(import.meta.dirname, "..");
const shared = process.env.CAPI_SHARED ?? join(root, "..", "shared");
const isCi = process.env.CI === "true";
/** Names of services to prove the cluster on; none: everything, on the usual ones. */
const wanted = process.argv.slice(2);
/** Parts of the names of the test files that use services. */
const CLUSTER_TESTS = [
  "cassandra-",
  "cluster-",
  "services",
  "workers",
  "soak",
  "bad-settings",
  "rabbit-queue",
];
const total = { passed: 0, failed: 0 };
/** What failed, repeated at the end: the reports before it are long. @type {string[]} */
const failures = [];

/**
 * @param {string} what
 * @param {number} count
 */
function fail(what, count = 1) {
  if (count === 0) return;
  total.failed += count;
  failures.push(count === 1 ? what : `${what} (${count})`);
}

/**
 * Runs a command with its output shown; true when it ended with 0.
 * @param {string} command
 * @param {string[]} args
 */
function run(command, ...args) {
  console.log(`\n> ${command} ${args.join(" ")}`);
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  return result.status === 0;
}

/**
 * A step that counts as one test.
 * @param {string} command
 * @param {string[]} args
 */
function step(command, ...args) {
  if (run(command, ...args)) total.passed += 1;
  else fail(`${command} ${args.join(" ")}`);
}

/** @param {string} command */
function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

function install() {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) {
    if (!run("npm", "ci", "--no-audit", "--no-fund")) throw new Error("npm ci failed");
  }
  if (!existsSync("/usr/sbin/sshd")) {
    const ready =
      run("apt-get", "update") &&
      run("apt-get", "install", "-y", "--no-install-recommends", "openssh-server");
    if (!ready) throw new Error("openssh-server is needed to test SFTP");
  }
  if (!has("python3")) {
    const ready =
      run("apt-get", "update") &&
      run("apt-get", "install", "-y", "--no-install-recommends", "python3");
    if (!ready) throw new Error("python3 is needed to generate two conformance cases");
  }
}

/**
 * @typedef {{ status: string, fullName: string, failureMessages: string[] }} Assertion
 * @typedef {{ name: string, status: string, message: string, assertionResults: Assertion[] }} TestFile
 * @param {string} report
 * @returns {{ numPassedTests: number, numFailedTests: number, testResults: TestFile[] }}
 */
const countsOf = (report) => /** @type {ReturnType<typeof countsOf>} */ (JSON.parse(report));

/**
 * @param {TestFile} file
 */
function failuresOf(file) {
  const failed = file.assertionResults.filter(({ status }) => status === "failed");
  for (const { fullName, failureMessages } of failed) {
    fail(`${file.name}: ${fullName}\n${failureMessages.join("\n")}`);
  }
  if (failed.length === 0 && file.status === "failed") console.log(`${file.name}: ${file.message}`);
}

/**
 * Runs vitest and adds its tests, not its files, to the total.
 * @param {string[]} args
 */
function vitest(...args) {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-test-"));
  const report = join(folder, "report.json");
  const ended = run(
    "npx",
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  );
  const counts = existsSync(report) ? countsOf(readFileSync(report, "utf8")) : undefined;
  rmSync(folder, { recursive: true });
  total.passed += counts?.numPassedTests ?? 0;
  for (const file of counts?.testResults ?? []) failuresOf(file);
  if (!ended && (counts === undefined || counts.numFailedTests === 0)) {
    fail(
      `vitest ${args.join(" ")}: no test failed, but coverage, a file or an error outside tests did`,
    );
  }
}

const runner = join(shared, "conformance", "run.mjs");

/**
 * The conformance cases, executed by this command line.
 * @param {string} title
 * @param {string} cli
 * @param {Record<string, string>} env
 */
function conformance(title, cli, env) {
  if (!existsSync(runner)) {
    console.log(`${title} skipped: ${runner} is absent${isCi ? ", which fails CI" : ""}`);
    if (isCi) fail(`${title}: absent`);
    return;
  }
  console.log(`\n> node ${runner} --cli "${cli}"`);
  const data = mkdtempSync(join(tmpdir(), "capillaries-conformance-"));
  const result = spawnSync(process.execPath, [runner, "--cli", cli], {
    cwd: data,
    encoding: "utf8",
    env: { ...process.env, CAPI_DATA: join(data, "data"), ...env },
  });
  rmSync(data, { recursive: true, force: true });
  process.stdout.write(result.stdout.replace(/^(\d+ passed, \d+ failed)$/m, `${title}: $1`));
  process.stderr.write(result.stderr);
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(result.stdout);
  total.passed += Number(counts?.[1] ?? 0);
  fail(title, Number(counts?.[2] ?? 1));
}

const toolbelt = `node ${join(root, "dist", "toolbelt", "main.js")}`;

/** The same cases on Cassandra and RabbitMQ, executed by a worker daemon (P10). */
async function clusterConformance() {
  const { cassandra, rabbit } = servicesGiven();
  if (cassandra === undefined || rabbit === undefined || !existsSync(runner)) return;
  const folder = mkdtempSync(join(tmpdir(), "capillaries-worker-"));
  const env = {
    CAPI_CASSANDRA_HOSTS: cassandra.contactPoints.join(","),
    CAPI_CASSANDRA_PORT: String(cassandra.port),
    CAPI_CASSANDRA_LOCAL_DATA_CENTER: cassandra.localDataCenter,
    CAPI_CASSANDRA_KEYSPACE_REPLICATION_CONFIG: `{ 'class': 'NetworkTopologyStrategy', '${cassandra.localDataCenter}': ${cassandra.contactPoints.length} }`,
    CAPI_CASSANDRA_CONTROL_KEYSPACE: "conformance",
    CAPI_AMQP_URL: rabbit.url,
    CAPI_AMQP_QUEUE: "conformance",
  };
  const log = join(folder, "worker.log");
  const output = openSync(log, "w");
  const worker = spawn(process.execPath, [join(root, "dist", "daemon", "main.js")], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
  });
  const ended = new Promise((resolve) => worker.once("close", resolve));
  const isServing = () => readFileSync(log, "utf8").includes("worker serves");
  while (!isServing() && worker.exitCode === null) await delay(100);
  const before = total.failed;
  if (isServing()) conformance("conformance on the cluster", `${toolbelt} --cluster`, env);
  else fail("the worker of the cluster's conformance cases did not start");
  worker.kill();
  await ended;
  if (total.failed > before) console.log(readFileSync(log, "utf8"));
  closeSync(output);
  rmSync(folder, { recursive: true });
}

/**
 * @typedef {{ contactPoints: string[], port: number, localDataCenter: string }} Cassandra
 * @returns {{ cassandra?: Cassandra, rabbit?: { url: string } }}
 */
const servicesGiven = () =>
  /** @type {ReturnType<typeof servicesGiven>} */ (
    JSON.parse(process.env.CAPI_TEST_SERVICES ?? "{}")
  );

/**
 * The kind that is not named is the usual one.
 * @param {string[]} names
 */
const oneOfEachKind = (names) => {
  const isBroker = (/** @type {string} */ name) => name.startsWith("rabbit");
  const more = [];
  if (names.every(isBroker)) more.push("cassandra");
  if (!names.some(isBroker)) more.push("rabbit");
  return [...names, ...more];
};

/**
 * Starts Cassandra and RabbitMQ and hands their addresses to the tests by the environment; the result stops them. Where they
 * cannot be started their tests are skipped, which fails CI.
 * @returns {Promise<() => Promise<void>>}
 */
async function services() {
  const names = wanted.length === 0 ? [] : oneOfEachKind(wanted);
  const args = ["tsx", "--conditions=source", "scripts/services.ts", "--until-stdin-ends"];
  args.push(...names);
  console.log(`\n> npx ${args.join(" ")}`);
  const child = spawn("npx", args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.once("close", () => resolve());
  });
  /** @type {string} */
  const line = await new Promise((resolve) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += String(part);
      if (text.includes("\n")) resolve(text);
    });
    void ended.then(() => resolve(""));
  });
  if (line === "") {
    console.log(`the services could not be started${isCi ? ", which fails CI" : ""}`);
    if (isCi) fail("services");
    return async () => undefined;
  }
  process.env.CAPI_TEST_SERVICES = line.trim();
  return async () => {
    child.stdin.end();
    await ended;
  };
}

install();
if (wanted.length === 0) {
  step("npx", "prettier", "--check", ".");
  step("npx", "oxlint", "--type-aware");
  step("npx", "tsc", "-p", "tsconfig.json");
  step("npx", "knip");
  vitest("--project", "unit", "--project", "long", "--coverage", "--maxWorkers=100%");
}
step("npm", "run", "build");
if (wanted.length === 0) conformance("conformance", toolbelt, {});
const stopServices = await services();
await clusterConformance();
vitest("--project", "integration", ...(wanted.length === 0 ? [] : CLUSTER_TESTS));
await stopServices();
for (const failure of failures) console.log(`\nFAILED: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
