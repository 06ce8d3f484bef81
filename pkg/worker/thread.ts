import { workerData } from "node:worker_threads";
import type { ThreadSettings } from "./thread-task.ts";
import { loadInThread } from "./thread-loading.ts";

const { loading } = workerData as ThreadSettings;
const engine = await loadInThread(loading, () => import("./thread-engine.ts"));

/** Runs one unit in this thread. A pool that closes gives no work to a thread without an engine. */
export default engine?.runInThread ?? (() => Promise.reject(new Error("the pool is closing")));
