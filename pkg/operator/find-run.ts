import { suggestion } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import type { ControlStore, KeyspaceRecord } from "#pkg/store";
import type { RunRecord } from "#pkg/workflow";

/** Throws KEYSPACE_MISSING. */
export async function findKeyspace(store: ControlStore, name: string): Promise<KeyspaceRecord> {
  const keyspace = await store.keyspace(name);
  if (keyspace !== undefined) return keyspace;
  const near = suggestion(
    name,
    (await store.keyspaces()).map((one) => one.name),
  );
  throw new Fault("KEYSPACE_MISSING", `there is no keyspace "${name}"`, {
    facts: { keyspace: name },
    ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  });
}

/** The run of that number, or the newest one; throws KEYSPACE_MISSING or RUN_MISSING. */
export async function findRun(
  store: ControlStore,
  keyspace: string,
  run: number | undefined,
): Promise<RunRecord> {
  const { incarnation } = await findKeyspace(store, keyspace);
  const record =
    run === undefined ? (await store.runs(incarnation)).at(-1) : await store.run(incarnation, run);
  if (record !== undefined) return record;
  const what = run === undefined ? "has no run" : `has no run ${run}`;
  throw new Fault("RUN_MISSING", `keyspace "${keyspace}" ${what}`, { facts: { keyspace, run } });
}

/**
 * The unfinished run to continue: the given one, or the newest unfinished of the keyspace, or of the only keyspace that has
 * one. Throws RUN_FINISHED for a final one, RUN_MISSING when there is nothing to continue or no single choice.
 */
export async function findUnfinished(
  store: ControlStore,
  wanted: { readonly keyspace: string | undefined; readonly run: number | undefined },
): Promise<RunRecord> {
  if (wanted.keyspace !== undefined && wanted.run !== undefined) {
    const record = await findRun(store, wanted.keyspace, wanted.run);
    if (record.state === "running") return record;
    throw new Fault("RUN_FINISHED", `run ${record.run} of "${record.keyspace}" is ${record.state}`);
  }
  const keyspaces =
    wanted.keyspace === undefined
      ? await store.keyspaces()
      : [await findKeyspace(store, wanted.keyspace)];
  const newest: RunRecord[] = [];
  for (const { incarnation } of keyspaces) {
    const unfinished = (await store.runs(incarnation)).filter(
      ({ state, run }) => state === "running" && (wanted.run === undefined || wanted.run === run),
    );
    newest.push(...unfinished.slice(-1));
  }
  const [only, ...others] = newest;
  if (only === undefined) throw new Fault("RUN_MISSING", "there is no unfinished run to resume");
  if (others.length === 0) return only;
  const names = newest.map(({ keyspace }) => keyspace).join(", ");
  throw new Fault("RUN_MISSING", `several keyspaces have an unfinished run: ${names}`, {
    hint: "Choose one with --keyspace.",
  });
}
