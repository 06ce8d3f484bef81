import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { ControlEnvironment } from "./control-environment.ts";
import { keys } from "./control-keys.ts";
import { watchWriteLocks, WriteLock } from "./write-lock.ts";

const user = fileURLToPath(new URL("test-support/lock-user.ts", import.meta.url));
const execArgv = ["--import", "tsx", "--conditions=source"];
/** Elsewhere the owner of a lock cannot be told, so nobody is pushed. */
const known = test.skipIf(process.platform !== "linux" || process.arch !== "x64");

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "capillaries-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

const stateOf = ({ pid }: ChildProcess): string | undefined =>
  /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];

/** A process that is gone with the test. The test itself must not wait for a lock: it could not give up. */
function start(manner: "stops" | "opens" | "waits"): ChildProcess {
  const child = spawn(process.execPath, [...execArgv, user, manner, folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  return child;
}

const says = (child: ChildProcess, word: string): Promise<void> =>
  new Promise((resolve) => {
    child.on("message", (message) => {
      if (message === word) resolve();
    });
  });

async function stoppedInside(): Promise<ChildProcess> {
  const child = start("stops");
  await says(child, "inside");
  await expect.poll(() => stateOf(child)).toBe("T");
  return child;
}

function lastWriter(): string | undefined {
  const environment = new ControlEnvironment(folder, true);
  onTestFinished(() => environment.close());
  return environment.read((transaction) => transaction.get(keys.header)?.boot);
}

known(
  "the owner of a lock is the thread inside a transaction, and nobody outside one",
  async () => {
    const environment = new ControlEnvironment(folder, false);
    const lock = new WriteLock(folder);
    expect(lock.owners()).toEqual([]);
    expect(environment.writeNow(() => lock.owners())).toEqual([process.pid]);
    expect(lock.owners()).toEqual([]);
    await environment.close();
  },
);

known(
  "T-11: whoever opens the store goes past a process that is stopped inside a transaction",
  async () => {
    const stopped = await stoppedInside();
    await says(start("opens"), "written");
    expect(lastWriter()).toBe("opens");
    await expect.poll(() => stateOf(stopped)).toBe("T");
  },
);

known(
  "T-11: whoever has the store open writes past a process that is stopped inside a transaction",
  async () => {
    const waiting = start("waits");
    await says(waiting, "open");
    const stopped = await stoppedInside();
    waiting.send("go");
    await says(waiting, "written");
    expect(lastWriter()).toBe("waits");
    await expect.poll(() => stateOf(stopped)).toBe("T");
  },
);

/** Writes with lmdb itself, which waits for the lock. */
const WRITER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { open } = require("lmdb");
  const database = open({ path: workerData, noSubdir: false, encoding: "string", maxDbs: 2 });
  database.transactionSync(() => database.putSync("a", "1"));
  database.close().then(() => parentPort.postMessage("written"));
`;

known(
  "T-11: a thread that waits for the lock already gets it, because the other threads look",
  async () => {
    await new ControlEnvironment(folder, false).close();
    const stopped = await stoppedInside();
    using _ = watchWriteLocks();
    const writer = new Worker(WRITER, { eval: true, workerData: folder });
    expect(await once(writer, "message")).toEqual(["written"]);
    await expect.poll(() => stateOf(stopped)).toBe("T");
  },
);
