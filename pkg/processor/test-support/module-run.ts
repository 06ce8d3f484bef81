import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { columnFrom, valueAt } from "#pkg/rowset";
import type { ModuleProcessor } from "#pkg/script";
import type { FieldType, Value } from "#pkg/value";
import {
  moduleCatalogue,
  openProcessors,
  pythonSettings,
  type Processors,
  type Records,
  type RowFailure,
} from "#pkg/processor";

export interface ModuleCase {
  /** Body of `process({ rows, columns }, settings)`. */
  readonly body: string;
  readonly outputs: Readonly<Record<string, FieldType>>;
  readonly source: Readonly<Record<string, readonly [FieldType, readonly Value[]]>>;
  readonly settings?: unknown;
  readonly pageRows?: number;
  readonly rejects?: boolean;
}

export interface ModuleResult {
  readonly values: Readonly<Record<string, readonly Value[]>>;
  readonly rows: readonly number[];
  readonly failures: readonly RowFailure[];
}

export const moduleText = ({ body, outputs, source }: ModuleCase): string => `export default {
  settings: { type: "object" },
  sourceFields: () => ${JSON.stringify(Object.keys(source))},
  outputs: () => (${JSON.stringify(outputs)}),
  async process({ rows, columns }, settings) {
${body}
  },
};
`;

export const moduleProcessors = (path: string): Processors =>
  openProcessors({ python: pythonSettings({}, {}), modules: { mod: path } });

/** The processor as a script freezes it. */
export async function frozenModule(path: string, settings: unknown): Promise<ModuleProcessor> {
  const definition = (await moduleCatalogue({ mod: path })).get("mod");
  if (definition === undefined) throw new Error("no definition");
  const { sourceFields, outputs } = definition.describe(settings);
  const listed = [...outputs].map(([name, type]) => ({ name, type }));
  const { name, sha256 } = definition;
  return { type: "module", name, sha256, settings, sourceFields, outputs: listed };
}

/** Writes the module into the folder and runs it over a few rows. */
export async function runModule(folder: string, given: ModuleCase): Promise<ModuleResult> {
  const path = join(folder, "mod.mjs");
  writeFileSync(path, moduleText(given));
  const { source, settings = {}, pageRows = 1000, rejects = false } = given;
  await using processors = moduleProcessors(path);
  await using processor = await processors.open({
    node: "calc",
    processor: await frozenModule(path, settings),
    source: new Map(Object.entries(source).map(([name, [type]]) => [name, type])),
    pageRows,
    rejects,
    checkpoint: () => undefined,
  });
  const columns = new Map(
    Object.entries(source).map(([name, [type, values]]) => [name, columnFrom(type, values)]),
  );
  const size = Object.values(source)[0]?.[1].length ?? 0;
  return await collected(processor.process(once({ from: 0, rowset: { rows: size, columns } })));
}

async function collected(all: AsyncIterable<Records>): Promise<ModuleResult> {
  const values: Record<string, Value[]> = {};
  const rows: number[] = [];
  const failures: RowFailure[] = [];
  for await (const records of all) {
    const { from } = records.block;
    for (let at = 0; at < records.count; at += 1) {
      rows.push(from + (records.rows?.[at] ?? at));
      for (const [name, vector] of records.fields) (values[name] ??= []).push(valueAt(vector, at));
    }
    for (const each of records.failures) failures.push({ ...each, row: from + each.row });
  }
  return { values, rows, failures };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield await Promise.resolve(value);
}
