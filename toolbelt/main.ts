import { randomUUID } from "node:crypto";
import { availableParallelism, hostname, userInfo } from "node:os";
import type { Context } from "./context.ts";
import { drained } from "./drained.ts";
import { runProgram } from "./program.ts";

const context: Context = {
  programFolder: import.meta.dirname,
  cwd: process.cwd(),
  wantsCluster: false,
  processors: {},
  env: process.env,
  out: (text) => void process.stdout.write(text),
  drained: () => drained(process.stdout),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
  columns: process.stderr.columns || 80,
  now: Date.now,
  newId: randomUUID,
  random: Math.random,
  user: userInfo().username,
  host: hostname(),
  pid: process.pid,
  cores: availableParallelism(),
  onInterrupt(listener) {
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
    return () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    };
  },
  exitNow: (code) => process.exit(code),
};

// The S3 client tells every user which Node its next releases want; that is for whoever updates it.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

// A closed pipe behind stdout (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
void runProgram(process.argv.slice(2), context).then((code) => {
  process.exitCode = code;
  // A driver whose server was away may keep timers and even a connection; nothing is to be done any more but to say everything.
  process.stdout.write("", () => process.exit(code));
});
