import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** Rows of a query in a fresh database; `files` are bytes that the statement may name as $name. */
export async function duck(
  statement: string,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<readonly (readonly unknown[])[]> {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-duck-"));
  try {
    let text = statement;
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(folder, name), bytes);
      text = text.replaceAll(`$${name}`, join(folder, name));
    }
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const result = await connection.runAndReadAll(text);
    connection.closeSync();
    instance.closeSync();
    return result.getRowsJS();
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The Parquet file that DuckDB writes for a query. */
export async function duckFile(query: string, options = ""): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-duck-"));
  try {
    const path = join(folder, "x.parquet");
    await duck(`copy (${query}) to '${path}' (format parquet${options})`);
    return new Uint8Array(await readFile(path));
  } finally {
    await rm(folder, { recursive: true });
  }
}
