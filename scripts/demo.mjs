// The first five minutes: installs, builds, runs the example pipeline and says where to look. Needs Node and npm only.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** @param {string} command @param {string[]} args */
function run(command, ...args) {
  console.log(`\n> ${command} ${args.join(" ")}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(join(root, "node_modules", ".package-lock.json")))
  run("npm", "ci", "--no-audit", "--no-fund");
run("npm", "run", "--silent", "build");
const example = ["examples/orders/script.json", "--params", "examples/orders/params.json"];
run("node", "dist/toolbelt/main.js", "run", ...example, "--keyspace", "demo");
console.log("\nThe pipeline wrote out/top_orders.csv; its first lines:\n");
console.log(
  readFileSync(join(root, "out", "top_orders.csv"), "utf8")
    .split("\n")
    .slice(0, 6)
    .join("\n"),
);
console.log(`
Where to look:
  out/                               the files it wrote
  examples/orders/script.json        the script
  node dist/toolbelt/main.js status --keyspace demo
  node dist/toolbelt/main.js preview order_totals --keyspace demo --rows 5
  README.md                          the five-minute tutorial`);
