// The whole proof: installs what is missing, then format, lint, types, unused code, tests with coverage, build, conformance
// cases, integration tests with Cassandra and RabbitMQ beside them. Ends with the plain line "N passed, N failed". Needs nothing
// but Node and npm to begin with; for the services also Java, Maven and the Debian package of RabbitMQ.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const shared = process.env.CAPI_SHARED ?? join(root, "..", "shared");
const isCi = process.env.CI === "true";
const total = { passed: 0, failed: 0 };

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
  else {
    total.failed += 1;
    console.log(`FAILED: ${command} ${args.join(" ")}`);
  }
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
 * @param {string} report
 * @returns {{ numPassedTests: number, numFailedTests: number }}
 */
const countsOf = (report) => /** @type {ReturnType<typeof countsOf>} */ (JSON.parse(report));

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
  total.failed += counts?.numFailedTests ?? 0;
  if (!ended && (counts === undefined || counts.numFailedTests === 0)) total.failed += 1;
}

function conformance() {
  const runner = join(shared, "conformance", "run.mjs");
  if (!existsSync(runner)) {
    console.log(`conformance cases skipped: ${runner} is absent${isCi ? ", which fails CI" : ""}`);
    if (isCi) total.failed += 1;
    return;
  }
  /** @type {string[]} */
  const skipped = [];
  const args = [runner, "--cli", `node ${join(root, "dist", "toolbelt", "main.js")}`];
  for (const tag of skipped) args.push("--skip-tag", tag);
  const data = mkdtempSync(join(tmpdir(), "capillaries-conformance-"));
  const result = spawnSync(process.execPath, args, {
    cwd: data,
    encoding: "utf8",
    env: { ...process.env, CAPI_DATA: join(data, "data") },
  });
  rmSync(data, { recursive: true, force: true });
  process.stdout.write(result.stdout.replace(/^(\d+ passed, \d+ failed)$/m, "conformance: $1"));
  process.stderr.write(result.stderr);
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(result.stdout);
  total.passed += Number(counts?.[1] ?? 0);
  total.failed += Number(counts?.[2] ?? 1);
}

/**
 * Starts Cassandra and RabbitMQ and hands their addresses to the tests by the environment; the result stops them. Where they
 * cannot be started their tests are skipped, which fails CI.
 * @returns {Promise<() => Promise<void>>}
 */
async function services() {
  const args = ["tsx", "--conditions=source", "scripts/services.ts", "--until-stdin-ends"];
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
    if (isCi) total.failed += 1;
    return async () => undefined;
  }
  process.env.CAPI_TEST_SERVICES = line.trim();
  return async () => {
    child.stdin.end();
    await ended;
  };
}

install();
step("npx", "prettier", "--check", ".");
step("npx", "oxlint", "--type-aware");
step("npx", "tsc", "-p", "tsconfig.json");
step("npx", "knip");
vitest("--project", "unit", "--coverage");
step("npm", "run", "build");
conformance();
const stopServices = await services();
vitest("--project", "integration");
await stopServices();
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
