import { expect, test } from "vitest";
import type { CheckResult, NodeRecord, UnitOutcome } from "#pkg/workflow";
import { aFileTable, anOutcome, aScript, aTableTable } from "../workflow/test-support/build.ts";
import type { Claim } from "./ports.ts";
import { openProcess } from "./test-support/processes.ts";
import { sharedInstallation } from "./test-support/shared-installation.ts";

const shared = sharedInstallation();

const result = (severity: "warn" | "fail", outcome: CheckResult["outcome"]): CheckResult => ({
  check: "at least 5 rows",
  description: "",
  severity,
  outcome,
  found: "3 rows",
});

/** Nodes of a run whose first node has checks with these results. */
async function nodesAfter(
  keyspace: string,
  checks: readonly CheckResult[],
): Promise<readonly NodeRecord[]> {
  const check = { kind: "rows", min: 5, severity: "fail", description: "" } as const;
  const script = aScript([aFileTable("A", { checks: [check] }), aTableTable("B", "A")]);
  const run = await shared.installation.start(script, { keyspace });
  const process = openProcess(shared.installation, { session: "s" });
  const outcomeOf = (claim: Claim): Promise<UnitOutcome> =>
    claim.key.phase === "check"
      ? Promise.resolve({ ...anOutcome(0), checks })
      : process.execute(claim);
  for (;;) {
    const [claim] = await process.control.claimNext([run]);
    if (claim === undefined) break;
    await process.control.commit(claim, await outcomeOf(claim));
  }
  return shared.installation.store.nodes(run.incarnation, run.run);
}

test("checks that hold, or need not, are kept with a node that succeeds", async () => {
  const checks = [result("fail", "passed"), result("warn", "failed"), result("warn", "skipped")];
  const [node, below] = await nodesAfter("held", checks);
  expect(node).toMatchObject({
    state: "success",
    checks,
    warnings: ["check failed: at least 5 rows, found 3 rows"],
  });
  expect(below).toMatchObject({ state: "success" });
});

test("a check that must hold and does not fails the node before anything below it begins", async () => {
  const checks = [result("warn", "failed"), result("fail", "failed")];
  const [node, below] = await nodesAfter("failed", checks);
  expect(node).toMatchObject({
    state: "fail",
    checks,
    cause: { code: "CHECK_FAILED", message: "node A: check failed: at least 5 rows, found 3 rows" },
  });
  expect(node).not.toHaveProperty("manifest");
  expect(below).toMatchObject({ state: "skipped" });
});
