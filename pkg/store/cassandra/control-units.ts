import { forEachLimit } from "#pkg/async";
import type { NumberedUnit, UnitRecord } from "#pkg/workflow";
import type { ControlStore, OpenUnit, PhaseKey, PhaseProgress, UnitKey } from "../control.ts";
import { claimed, committed, pending, released, type StoredUnit } from "../unit-transitions.ts";
import type { Backend } from "./backend.ts";
import type { Liveness } from "./control-keyspaces.ts";
import { GroupDirectory, type KnownGroup } from "./group-directory.ts";
import { groupKey, GroupRows, type GroupRow } from "./group-rows.ts";
import { SharedAnswers } from "./shared-answers.ts";
import { groupOf, groupsOf } from "../unit-groups.ts";

type Units = Pick<
  ControlStore,
  | "claimUnit"
  | "commitUnit"
  | "releaseUnit"
  | "unit"
  | "units"
  | "unfinished"
  | "mayBeOver"
  | "progress"
>;

const READS_AT_ONCE = 32;
const NO_SUMS: PhaseProgress = { succeeded: 0, failed: 0, rejected: 0 };

/** What the operations on units share. */
interface Parts {
  readonly rows: GroupRows;
  readonly directory: GroupDirectory;
  /** Whether all units of a phase are final. */
  readonly over: SharedAnswers<boolean>;
}

export function controlUnits(backend: Backend, liveness: Liveness): Units {
  const rows = new GroupRows(backend);
  const directory = new GroupDirectory(backend);
  const parts: Parts = { rows, directory, over: new SharedAnswers() };
  return {
    async claimUnit(claim) {
      const { key } = claim;
      if (!(await liveness.isLive(key.incarnation)))
        return { granted: false, record: await unit(parts, key) };
      const [answer] = await Promise.all([
        rows.change(key, (stored) => claimed(stored, claim)),
        directory.enter(key, key.unit),
      ]);
      return answer;
    },

    async commitUnit(commit) {
      const { key } = commit;
      if (!(await liveness.isLive(key.incarnation))) return false;
      const isCommitted = await rows.change(key, (stored) => committed(stored, commit));
      if (isCommitted) await noteEnd(parts, key);
      return isCommitted;
    },

    releaseUnit: (release) => rows.change(release.key, (stored) => released(stored, release)),

    unit: (key) => unit(parts, key),

    units: (phase) => existing(parts, phase),

    unfinished: (phase, count) => unfinished(parts, phase, count),

    mayBeOver: (key, count) => mayBeOver(parts, key, count),

    progress: async (phase) => sumsOf(parts, phase, await directory.list(phase)),
  };
}

const visible = (stored: StoredUnit | undefined): UnitRecord | undefined =>
  pending(stored) ? undefined : stored?.record;

const isFinal = (stored: StoredUnit | undefined): boolean => {
  const record = visible(stored);
  return record !== undefined && record.state !== "running";
};

const unit = async ({ rows }: Parts, key: UnitKey): Promise<UnitRecord | undefined> =>
  visible((await rows.read(groupKey(key))).units.get(key.unit));

/** The commit that ends a group notes its sums, so that nobody has to count it again. */
async function noteEnd({ rows, directory }: Parts, key: UnitKey): Promise<void> {
  const row = finished(rows, key);
  if (row !== undefined) await directory.ended(groupKey(key), () => countsOf(row));
}

/** All units that the group of the unit can have are final. */
const isWhole = ({ units }: GroupRow, unit: number): boolean =>
  units.size === groupOf(unit).size && Array.from(units.values()).every(isFinal);

/** What this process knows of a group that is wholly final; nothing changes it any more, so it need not be read. */
function finished(rows: GroupRows, key: UnitKey): GroupRow | undefined {
  const row = rows.kept(key);
  return row !== undefined && isWhole(row, key.unit) ? row : undefined;
}

function countsOf({ units }: GroupRow): PhaseProgress {
  const records = Array.from(units.values(), visible);
  const count = (state: UnitRecord["state"]): number =>
    records.filter((record) => record?.state === state).length;
  return {
    succeeded: count("success"),
    failed: count("fail"),
    rejected: records.reduce((sum, record) => sum + (record?.outcome?.counts.rejected ?? 0), 0),
  };
}

async function existing(
  { rows, directory }: Parts,
  phase: PhaseKey,
): Promise<readonly NumberedUnit[]> {
  const found: NumberedUnit[] = [];
  await forEachLimit(await directory.list(phase), READS_AT_ONCE, async ({ first }) => {
    const row = finished(rows, { ...phase, unit: first }) ?? (await rows.read({ ...phase, first }));
    for (const [unit, stored] of row.units) {
      const record = visible(stored);
      if (record !== undefined) found.push({ unit, record });
    }
  });
  return found.sort((a, b) => a.unit - b.unit);
}

/** Looks only at groups that were claimed from and are not known to be final. */
async function unfinished(
  { rows, directory }: Parts,
  phase: PhaseKey,
  count: number,
): Promise<readonly OpenUnit[]> {
  const known = new Map((await directory.list(phase)).map((group) => [group.first, group]));
  const open: OpenUnit[] = [];
  await forEachLimit(groupsOf(count), READS_AT_ONCE, async ({ first, size }) => {
    const group = known.get(first);
    if (group?.sums !== undefined) return;
    const row = group === undefined ? undefined : await rows.read({ ...phase, first });
    for (let unit = first; unit < Math.min(first + size, count); unit += 1) {
      const stored = row?.units.get(unit);
      if (!isFinal(stored)) open.push({ unit, record: visible(stored) });
    }
  });
  return open.sort((a, b) => a.unit - b.unit);
}

/** Looks at the group of the unit first, mostly without asking; the others count only when nothing of it is open. */
async function mayBeOver(parts: Parts, key: UnitKey, count: number): Promise<boolean> {
  const { first, size } = groupOf(key.unit);
  const { units } = parts.rows.kept(key) ?? (await parts.rows.read(groupKey(key)));
  for (let unit = first; unit < Math.min(first + size, count); unit += 1)
    if (!isFinal(units.get(unit))) return false;
  if (count <= size) return true;
  const { incarnation, run, node, phase } = key;
  // The last units of a phase often end together.
  return parts.over.ask(JSON.stringify([incarnation, run, node, phase]), () =>
    isOver(parts, key, count),
  );
}

async function isOver(parts: Parts, phase: PhaseKey, count: number): Promise<boolean> {
  const groups = await parts.directory.list(phase);
  if (groups.length < groupsOf(count).length) return false;
  const { succeeded, failed } = await sumsOf(parts, phase, groups);
  return succeeded + failed >= count;
}

async function sumsOf(
  { rows, directory }: Parts,
  phase: PhaseKey,
  groups: readonly KnownGroup[],
): Promise<PhaseProgress> {
  const parts: PhaseProgress[] = [];
  await forEachLimit(groups, READS_AT_ONCE, async ({ first, sums }) => {
    if (sums !== undefined) {
      parts.push(sums);
      return;
    }
    const row = await rows.read({ ...phase, first });
    const counted = countsOf(row);
    if (isWhole(row, first)) await directory.ended({ ...phase, first }, () => counted);
    parts.push(counted);
  });
  return parts.reduce(add, NO_SUMS);
}

const add = (a: PhaseProgress, b: PhaseProgress): PhaseProgress => ({
  succeeded: a.succeeded + b.succeeded,
  failed: a.failed + b.failed,
  rejected: a.rejected + b.rejected,
});
