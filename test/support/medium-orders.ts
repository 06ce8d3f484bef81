import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shared } from "./shared.ts";

export const MEDIUM_ORDERS = "conformance/cases/75-medium-orders";

export interface MediumOrders {
  /** Arguments of `run` for output folder, data folder. */
  readonly run: (out: string, data: string) => readonly string[];
}

/** Case 75 (24,000 orders, joins, distinct, top) staged in a folder. */
export function stageMediumOrders(folder: string): MediumOrders {
  const source = join(shared, MEDIUM_ORDERS);
  const input = join(folder, "in");
  mkdirSync(input);
  const made = spawnSync("python3", [join(source, "gen.py"), input], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`gen.py failed: ${made.stderr}`);
  cpSync(join(source, "script.json"), join(folder, "script.json"));
  const parameters = readFileSync(join(source, "params.json"), "utf8").replaceAll("$dir_in", input);
  writeFileSync(join(folder, "params.json"), parameters);
  return {
    run: (out, data) => [
      "run",
      join(folder, "script.json"),
      "--params",
      join(folder, "params.json"),
      "--param",
      `dir_in=${input}`,
      "--param",
      `dir_out=${out}`,
      "--keyspace",
      "medium",
      "--data",
      data,
      "--start",
      "read_customers,read_orders",
    ],
  };
}
