import { canonicalJson } from "../canonical-json.ts";
import { documentHash } from "../content-hash.ts";
import type { ControlStore, OutputClaim, RunSummary, SessionRecord } from "../control.ts";
import type { Backend } from "./backend.ts";
import { incarnationOf } from "./control-keyspaces.ts";
import { RunPartitions } from "./run-partition.ts";
import type { Row, Statement } from "./statement.ts";

type Installation = Pick<
  ControlStore,
  | "putSession"
  | "sessions"
  | "removeSession"
  | "claimOutput"
  | "putSummary"
  | "summaries"
  | "putDecision"
  | "decisions"
>;

/** Worker sessions, published paths, and what outlives keyspaces. */
export function controlInstallation(backend: Backend): Installation {
  const { cql, statements } = backend;
  const partitions = new RunPartitions(backend);
  const records = async <T>(statement: Statement): Promise<readonly T[]> =>
    (await cql.rows(statement)).map((row) => JSON.parse(row["record"] as string) as T);
  return {
    putSession: (session) =>
      cql.write(statements.putSession(session.session, canonicalJson(session))),

    sessions: () => records<SessionRecord>(statements.sessions()),

    removeSession: (session) => cql.write(statements.removeSession(session)),

    async claimOutput(output) {
      const mayPublish = async (): Promise<boolean> =>
        (await incarnationOf(backend, output.incarnation))?.state === "live" &&
        (await partitions.load(output))?.run.state === "running";
      if (!(await mayPublish())) return false;
      // Looked at again: a stop or drop that came between is not overtaken.
      return (await takePath(backend, output)) && (await mayPublish());
    },

    putSummary: (summary) =>
      cql.write(statements.putSummary(summary.scriptName, summary, canonicalJson(summary))),

    summaries: async (scriptName) =>
      [...(await records<RunSummary>(statements.summaries(scriptName)))].sort(
        (a, b) => b.endedAt - a.endedAt || b.startedAt - a.startedAt || b.run - a.run,
      ),

    putDecision: (decision) => appendDecision(backend, decision.id, canonicalJson(decision)),

    decisions: () => records(statements.decisions()),
  };
}

/** False: a newer run of the same keyspace owns the path. */
async function takePath({ cql, statements }: Backend, output: OutputClaim): Promise<boolean> {
  const path = documentHash(output.path);
  const record = canonicalJson(output);
  let owner: Row | undefined;
  for (;;) {
    const [incarnation, run] = [owner?.["incarnation"] as string, owner?.["run"] as number];
    if (owner !== undefined && incarnation === output.incarnation && run > output.run) return false;
    const answer = await cql.conditional(
      owner === undefined
        ? statements.insertOutput(path, output, record)
        : statements.updateOutput(path, { ...output, record }, { incarnation, run }),
    );
    if (answer.applied || answer.row?.["record"] === record) return true;
    owner = await cql.serialRow(statements.output(path));
  }
}

/** The number after the newest; two that race for it are told apart by the condition, and one id is taken once. */
async function appendDecision(
  { cql, statements }: Backend,
  id: string,
  record: string,
): Promise<void> {
  for (;;) {
    const newest = await cql.row(statements.newestDecision());
    const number = Number(newest?.["number"] ?? 0) + 1;
    const answer = await cql.conditionalBatch(
      [
        statements.insertDecision("id", { name: id, number: 0, record }),
        statements.insertDecision("number", { name: "", number, record }),
      ],
      "record a decision",
    );
    if (answer.applied) return;
    if ((await cql.serialRow(statements.decisionId(id))) !== undefined) return;
  }
}
