import type { ControlStore, OutputClaim } from "../control.ts";
import { documentHash } from "../content-hash.ts";
import type { ControlEnvironment, ControlTransaction } from "./control-environment.ts";
import { isLive } from "./control-keyspaces.ts";
import { keys, type Key, type Prefix } from "./control-keys.ts";

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
export const controlInstallation = (environment: ControlEnvironment): Installation => ({
  putSession: (session) =>
    environment.write(
      (transaction) => transaction.put(keys.session(session.session), session),
      "committed",
    ),

  sessions: async () => valuesBelow(environment, keys.sessions),

  removeSession: (session) =>
    environment.write((transaction) => transaction.remove(keys.session(session)), "committed"),

  claimOutput: (output) => {
    const key = keys.output(documentHash(output.path));
    return environment.write(
      (transaction) => claimOutputInside(transaction, key, output),
      "committed",
    );
  },

  putSummary: (summary) =>
    environment.write(
      (transaction) =>
        transaction.put(
          keys.summary(summary.scriptName, summary.incarnation, summary.run),
          summary,
        ),
      "soon",
    ),

  summaries: async (scriptName) =>
    [...valuesBelow(environment, keys.summaries(scriptName))].sort(
      (a, b) => b.endedAt - a.endedAt || b.startedAt - a.startedAt || b.run - a.run,
    ),

  putDecision: (decision) =>
    environment.write((transaction) => {
      const idKey = keys.decisionId(decision.id);
      if (transaction.get(idKey) !== undefined) return;
      const sequence = (transaction.get(keys.decisionCount) ?? 0) + 1;
      transaction.put(keys.decisionCount, sequence);
      transaction.put(idKey, sequence);
      transaction.put(keys.decision(sequence), decision);
    }),

  decisions: async () => valuesBelow(environment, keys.decisions),
});

const valuesBelow = <T>(environment: ControlEnvironment, prefix: Prefix<T>): readonly T[] =>
  environment.read((transaction) => transaction.scan(prefix)).map(({ value }) => value);

function claimOutputInside(
  transaction: ControlTransaction,
  key: Key<OutputClaim>,
  output: OutputClaim,
): boolean {
  const { incarnation, run } = output;
  if (!isLive(transaction, incarnation)) return false;
  if (transaction.get(keys.run(incarnation, run))?.record.state !== "running") return false;
  const owner = transaction.get(key);
  if (owner?.incarnation === incarnation && owner.run > run) return false;
  transaction.put(key, output);
  return true;
}
