import type { ControlStore, OutputClaim, RunSummary, SessionRecord } from "../control.ts";
import { documentHash } from "../content-hash.ts";
import type { ControlEnvironment, ControlTransaction } from "./control-environment.ts";
import { isLive } from "./control-keyspaces.ts";
import { keys } from "./control-keys.ts";
import type { StoredRun } from "./control-runs.ts";

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

type DecisionRecord = Parameters<ControlStore["putDecision"]>[0];

/** Worker sessions, published paths, and what outlives keyspaces. */
export const controlInstallation = (environment: ControlEnvironment): Installation => ({
  putSession: (session) =>
    environment.write((transaction) => transaction.put(keys.session(session.session), session)),

  sessions: async () => valuesBelow<SessionRecord>(environment, keys.sessions),

  removeSession: (session) =>
    environment.write((transaction) => transaction.remove(keys.session(session))),

  claimOutput: (output) => {
    const key = keys.output(documentHash(output.path));
    return environment.write((transaction) => claimOutputInside(transaction, key, output));
  },

  putSummary: (summary) =>
    environment.write((transaction) =>
      transaction.put(keys.summary(summary.scriptName, summary.incarnation, summary.run), summary),
    ),

  summaries: async (scriptName) =>
    [...valuesBelow<RunSummary>(environment, keys.summaries(scriptName))].sort(
      (a, b) => b.endedAt - a.endedAt || b.startedAt - a.startedAt || b.run - a.run,
    ),

  putDecision: (decision) =>
    environment.write((transaction) => {
      const idKey = keys.decisionId(decision.id);
      if (transaction.get(idKey) !== undefined) return;
      const sequence = (transaction.get<number>("decisions") ?? 0) + 1;
      transaction.put("decisions", sequence);
      transaction.put(idKey, sequence);
      transaction.put(keys.decision(sequence), decision);
    }),

  decisions: async () => valuesBelow<DecisionRecord>(environment, keys.decisions),
});

const valuesBelow = <T>(environment: ControlEnvironment, prefix: string): readonly T[] =>
  environment.read((transaction) => transaction.scan<T>(prefix)).map(({ value }) => value);

function claimOutputInside(
  transaction: ControlTransaction,
  key: string,
  output: OutputClaim,
): boolean {
  const { incarnation, run } = output;
  if (!isLive(transaction, incarnation)) return false;
  if (transaction.get<StoredRun>(keys.run(incarnation, run))?.record.state !== "running")
    return false;
  const owner = transaction.get<OutputClaim>(key);
  if (owner?.incarnation === incarnation && owner.run > run) return false;
  transaction.put(key, output);
  return true;
}
