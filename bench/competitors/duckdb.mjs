// One job in DuckDB with stored tables: node duckdb.mjs JOB IN OUT
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const [job, input, output] = process.argv.slice(2);
const sections = new Map(
  readFileSync(join(import.meta.dirname, "jobs.sql"), "utf8")
    .split(/^--@ /m)
    .slice(1)
    .map((section) => [
      section.slice(0, section.indexOf("\n")).trim(),
      section.slice(section.indexOf("\n")),
    ]),
);
const sql = `${sections.get("orders")}${sections.get(job)}`
  .replaceAll("${IN}", input)
  .replaceAll("${OUT}", output);

const instance = await DuckDBInstance.create(join(output, "work.duckdb"), { threads: "2" });
const connection = await instance.connect();
await connection.run("SET preserve_insertion_order=false");
for (const statement of sql.split(";\n"))
  if (statement.trim() !== "") await connection.run(statement);
connection.closeSync();
instance.closeSync();
