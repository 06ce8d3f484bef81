export interface Layer {
  /** Layers whose index may be imported, itself aside. */
  readonly below: readonly string[];
  /** npm packages and Node built-ins, by name or beginning of a path. */
  readonly libraries?: readonly string[];
}

const pure = [
  "pkg/fault",
  "pkg/value",
  "pkg/rowset",
  "pkg/expression",
  "pkg/script",
  "pkg/workflow",
];

/** Lowest layer first. A layer may import itself, the layers it lists, and the libraries it lists; nothing else. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  "pkg/fault": { below: [] },
  "pkg/async": { below: ["pkg/fault"], libraries: ["node:timers/promises"] },
  "pkg/log": { below: ["pkg/fault"] },
  "pkg/log/json": { below: ["pkg/log"], libraries: ["pino"] },
  "pkg/security": { below: ["pkg/fault"], libraries: ["node:net"] },
  "pkg/value": { below: ["pkg/fault"] },
  "pkg/rowset": { below: ["pkg/fault", "pkg/value"] },
  "pkg/expression": {
    below: ["pkg/fault", "pkg/value", "pkg/rowset"],
    libraries: ["jsep", "re2js"],
  },
  "pkg/script": {
    below: ["pkg/fault", "pkg/value", "pkg/expression"],
    libraries: ["ajv", "yaml"],
  },
  "pkg/script/reading": {
    below: ["pkg/fault", "pkg/value", "pkg/expression", "pkg/script"],
    libraries: ["ajv", "yaml"],
  },
  "pkg/script/json": { below: ["pkg/script"] },
  "pkg/workflow": { below: ["pkg/fault", "pkg/value", "pkg/expression", "pkg/script"] },
  "pkg/diagram": { below: ["pkg/script", "pkg/workflow"] },
  "pkg/transfer": {
    below: ["pkg/fault", "pkg/async", "pkg/log", "pkg/security"],
    libraries: [
      "node:fs",
      "node:path",
      "node:crypto",
      "node:buffer",
      "node:dns",
      "node:events",
      "node:http",
      "node:https",
      "node:net",
      "node:stream",
      "node:timers/promises",
      "node:zlib",
      "@aws-sdk/client-s3",
      "ssh2-sftp-client",
    ],
  },
  "pkg/formats": {
    below: ["pkg/fault", "pkg/async", "pkg/value", "pkg/rowset", "pkg/script", "pkg/transfer"],
    libraries: ["node:events", "node:stream", "node:zlib"],
  },
  "pkg/formats/parquet": {
    below: ["pkg/fault", "pkg/value", "pkg/rowset", "pkg/formats"],
    libraries: ["hyparquet", "hyparquet-compressors", "hyparquet-writer", "node:zlib"],
  },
  "pkg/draft": {
    below: ["pkg/fault", "pkg/value", "pkg/transfer", "pkg/formats", "pkg/formats/parquet"],
  },
  "pkg/store": { below: ["pkg/async", ...pure], libraries: ["node:crypto"] },
  "pkg/store/embedded": {
    below: ["pkg/async", "pkg/log", "pkg/store", ...pure],
    libraries: ["lmdb", "node:fs", "node:path", "node:crypto", "node:os"],
  },
  "pkg/store/cassandra": {
    below: ["pkg/async", "pkg/log", "pkg/store", ...pure],
    libraries: ["cassandra-driver", "node:crypto", "node:timers/promises", "node:buffer"],
  },
  "pkg/table": { below: ["pkg/store", ...pure] },
  "pkg/queue": { below: ["pkg/fault", "pkg/async", "pkg/workflow"] },
  "pkg/queue/embedded": {
    below: ["pkg/fault", "pkg/async", "pkg/log", "pkg/workflow", "pkg/queue"],
  },
  "pkg/processor": {
    below: ["pkg/fault", "pkg/value", "pkg/rowset", "pkg/expression", "pkg/script", "pkg/log"],
    libraries: [
      "ajv",
      "node:child_process",
      "node:crypto",
      "node:fs",
      "node:net",
      "node:path",
      "node:process",
      "node:stream",
      "node:url",
    ],
  },
  "pkg/queue/rabbit": {
    below: ["pkg/fault", "pkg/async", "pkg/log", "pkg/workflow", "pkg/queue"],
    libraries: ["amqplib", "node:fs"],
  },
  "pkg/engine": {
    below: [
      "pkg/processor",
      "pkg/async",
      "pkg/log",
      "pkg/formats",
      "pkg/formats/parquet",
      "pkg/transfer",
      "pkg/store",
      "pkg/table",
      ...pure,
    ],
  },
  "pkg/control": {
    below: ["pkg/async", "pkg/log", "pkg/store", "pkg/queue", "pkg/transfer", ...pure],
  },
  "pkg/operator": {
    below: [
      "pkg/async",
      "pkg/log",
      "pkg/security",
      "pkg/script/reading",
      "pkg/store",
      "pkg/table",
      "pkg/queue",
      "pkg/transfer",
      "pkg/control",
      ...pure,
    ],
  },
  "pkg/config": {
    below: ["pkg/fault", "pkg/security", "pkg/expression", "pkg/script/json", "pkg/transfer"],
    libraries: ["ajv", "node:fs", "node:path"],
  },
  "pkg/worker": {
    below: [
      "pkg/async",
      "pkg/log",
      "pkg/security",
      "pkg/transfer",
      "pkg/store",
      "pkg/store/embedded",
      "pkg/store/cassandra",
      "pkg/processor",
      "pkg/engine",
      "pkg/queue",
      "pkg/config",
      "pkg/control",
      ...pure,
    ],
    libraries: [
      "piscina",
      "node:worker_threads",
      "node:url",
      "node:timers/promises",
      "node:fs",
      "node:os",
    ],
  },
  daemon: {
    below: [
      "pkg/log",
      "pkg/log/json",
      "pkg/security",
      "pkg/transfer",
      "pkg/store",
      "pkg/queue",
      "pkg/queue/rabbit",
      "pkg/control",
      "pkg/config",
      "pkg/processor",
      "pkg/worker",
      ...pure,
    ],
    libraries: ["prom-client", "node:fs", "node:os", "node:path", "node:crypto", "node:http"],
  },
  toolbelt: {
    below: [
      "pkg/async",
      "pkg/log",
      "pkg/log/json",
      "pkg/security",
      "pkg/transfer",
      "pkg/store",
      "pkg/store/embedded",
      "pkg/draft",
      "pkg/processor",
      "pkg/control",
      "pkg/diagram",
      "pkg/queue",
      "pkg/queue/rabbit",
      "pkg/operator",
      "pkg/config",
      "pkg/worker",
      ...pure,
    ],
    libraries: [
      "commander",
      "node:timers/promises",
      "node:fs",
      "node:os",
      "node:path",
      "node:crypto",
      "node:url",
    ],
  },
};
