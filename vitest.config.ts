import { defineConfig } from "vitest/config";

/** Worker threads bypass Vite, so they need their own way to read TypeScript on Node 20. */
const execArgv = ["--import", "tsx", "--conditions", "source"];
const conditions = ["source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    execArgv,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{pkg,toolbelt}/**/*.test.ts", "test/*.test.ts"],
          exclude: ["**/*.integration.test.ts", "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["**/*.integration.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
