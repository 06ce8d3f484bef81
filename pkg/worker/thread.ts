import { workerData } from "node:worker_threads";
import type { ThreadSettings } from "./thread-task.ts";
import { loadInThread } from "./thread-loading.ts";

const { loading } = workerData as ThreadSettings;
const engine = loadInThread(loading, async () => (await import("./thread-engine.ts")).loadEngine());

/** Runs one unit in this thread. A pool that closes gives no work to a thread without an engine. */
export default engine.then(
  (runInThread) => runInThread ?? (() => Promise.reject(new Error("the pool is closing"))),
);
