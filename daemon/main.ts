import { randomUUID } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { runDaemon } from "./run-daemon.ts";

void runDaemon({
  programFolder: import.meta.dirname,
  cwd: process.cwd(),
  env: process.env,
  err: (text) => void process.stderr.write(text),
  now: Date.now,
  monotonic: () => performance.now(),
  random: Math.random,
  newId: randomUUID,
  host: hostname(),
  pid: process.pid,
  cores: availableParallelism(),
  onStop(listener) {
    process.on("SIGTERM", listener);
    process.on("SIGINT", listener);
    return () => {
      process.off("SIGTERM", listener);
      process.off("SIGINT", listener);
    };
  },
  exitNow: (code) => process.exit(code),
})
  // Drivers that could not connect may leave timers behind; nothing is to be done any more.
  .then((code) => process.exit(code));
