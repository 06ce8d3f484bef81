import { forEachLimit } from "#pkg/async";
import { PHASES, type RunRecord } from "#pkg/workflow";
import type { PhaseKey } from "../control.ts";
import type { Backend } from "./backend.ts";
import type { Row } from "./statement.ts";
import type { RunPlace } from "./statements/places.ts";

const AT_ONCE = 16;

/**
 * Fences an incarnation that is going away: no run can be started and no node can move any more, whatever was on its way.
 * May be repeated.
 */
export async function closeRuns(backend: Backend, incarnation: string): Promise<void> {
  const { cql, statements } = backend;
  await cql.conditional(statements.closeIncarnation(incarnation));
  for (let run = 1; ; run += 1) {
    const place = { incarnation, run };
    const answer = await cql.conditional(statements.barRun(place));
    if (answer.applied || isBar(answer.row)) return;
    await cql.conditional(statements.closeRun(place));
  }
}

const isBar = (row: Row | undefined): boolean => row?.["record"] === null;

/** Removes everything that is kept by incarnation. Only of a closed one: nobody writes to it any more. */
export async function forgetIncarnation(backend: Backend, incarnation: string): Promise<void> {
  const { cql, statements } = backend;
  await cql.write(statements.forgetDocuments(incarnation));
  for (let run = 1; ; run += 1) {
    const place = { incarnation, run };
    const rows = await cql.rows(statements.runRows(place));
    const own = rows.find((row) => row["kind"] === "run");
    if (own === undefined) break;
    if (!isBar(own)) await forgetUnits(backend, place, own["record"] as string);
    if (isBar(own)) break;
  }
  await forgetRuns(backend, incarnation);
  await cql.conditional(statements.forgetIncarnation(incarnation));
}

/** The newest first, so that what a crash leaves is found again from run 1 on. */
async function forgetRuns({ cql, statements }: Backend, incarnation: string): Promise<void> {
  let last = 0;
  while ((await cql.row(statements.changes({ incarnation, run: last + 1 }))) !== undefined)
    last += 1;
  for (let run = last; run >= 1; run -= 1)
    await cql.write(statements.forgetRun({ incarnation, run }));
}

async function forgetUnits(backend: Backend, place: RunPlace, record: string): Promise<void> {
  const { affected } = JSON.parse(record) as RunRecord;
  for (const node of affected)
    await forEachLimit(PHASES, AT_ONCE, (phase) => forgetPhase(backend, { ...place, node, phase }));
}

async function forgetPhase({ cql, statements }: Backend, phase: PhaseKey): Promise<void> {
  const groups = await cql.rows(statements.groups(phase));
  await forEachLimit(groups, AT_ONCE, ({ first }) =>
    cql.write(statements.forgetUnits({ ...phase, first: first as number })),
  );
  if (groups.length > 0) await cql.write(statements.forgetGroups(phase));
}
