// Preload of the test processes: their threads read TypeScript, but engine threads run the build of scripts/test-threads.mjs.
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

const build = process.env["CAPI_TEST_THREADS"];
const isEngineThread = !isMainThread && /[\\/]piscina[\\/]/.test(process.argv[1] ?? "");

if (build === undefined || !isEngineThread) await import("./typescript-in-threads.mjs");
if (build !== undefined && isMainThread) {
  const thread = JSON.stringify({ url: `${build}/pkg/worker/thread.js`, shortCircuit: true });
  const hooks = `export const resolve = (name, context, next) =>
    name === "#worker/thread" ? ${thread} : next(name, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
