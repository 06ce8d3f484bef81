import { defineConfig } from "vitest/config";

/** Worker threads bypass Vite, so they need their own way to read TypeScript on Node 20. */
const preload = new URL("./scripts/test-preload.mjs", import.meta.url).href;
const execArgv = ["--import", preload, "--conditions", "source"];
const conditions = ["source"];

/** Too long for what is run before every commit: a fault at every call, other processes, thousands of inputs, builds. */
const LONG = [
  "pkg/control/crash.test.ts",
  "pkg/store/embedded/several-processes.test.ts",
  "test/{deploy,fuzz,random-pipelines}.test.ts",
];

const full = { lines: 100, functions: 100, statements: 100, branches: 100 };
const most = { lines: 85, functions: 85, statements: 85, branches: 85 };

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    execArgv,
    pool: "forks",
    coverage: {
      provider: "v8",
      reporter: ["text-summary", "json-summary", "json"],
      include: ["pkg/**/*.ts", "daemon/**/*.ts", "toolbelt/**/*.ts"],
      exclude: [
        "**/*.test.ts",
        "**/*.contract.ts",
        "**/test-support/**",
        // Runs inside worker threads, where nothing is measured; pkg/worker/pool.test.ts runs it.
        "pkg/worker/thread{,-engine}.ts",
        // Writes to stderr, so its test runs it in a process of its own.
        "pkg/log/json/**",
        // Needs the real service: the integration project runs the contract suites on it.
        "pkg/store/cassandra/{backend,cassandra-tables,connect,create-schema,open-stores,run-partition,schema-agreement}.ts",
        "pkg/store/cassandra/control-{documents,drop,installation,keyspaces,runs,units}.ts",
        // Need processes of their own or real services: the integration project runs them.
        "{daemon,toolbelt}/main.ts",
        "daemon/run-daemon.ts",
        "toolbelt/{watch-run,check-services}.ts",
      ],
      thresholds: {
        "pkg/{diagram,expression,fault,rowset,script,value,workflow}/**": full,
        "pkg/{async,config,control,draft,engine,formats,log,operator,processor,queue,security,store,table,transfer,worker}/**":
          most,
        "{daemon,toolbelt}/**": most,
      },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          globalSetup: "./scripts/test-threads.mjs",
          // Property tests on a busy machine; nothing waits for the clock.
          testTimeout: 60_000,
          include: ["{pkg,daemon,toolbelt}/**/*.test.ts", "test/*.test.ts"],
          exclude: ["**/*.integration.test.ts", ...LONG, "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: { name: "long", testTimeout: 60_000, include: LONG },
      },
      {
        extends: true,
        test: {
          name: "integration",
          globalSetup: "./scripts/test-threads.mjs",
          include: ["**/*.integration.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 120_000,
          // Keyspaces are dropped there, seconds each on a ring.
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
