import { Fault } from "#pkg/fault";
import type { CheckResult } from "./records.ts";

const isFailed = ({ outcome }: CheckResult): boolean => outcome === "failed";

/** The fault of a node for which checks do not hold that must; it names the first of them. */
export function failedCheck(
  node: string,
  checks: readonly CheckResult[],
): Fault<"CHECK_FAILED"> | undefined {
  const failed = checks.filter((each) => isFailed(each) && each.severity === "fail");
  const [first, ...others] = failed;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : `; ${others.length} more failed`;
  return new Fault("CHECK_FAILED", `node ${node}: ${textOf(first)}${more}`, {
    facts: { node, checks: failed },
  });
}

/** Texts of the checks that do not hold and need not. */
export const warningsOfChecks = (checks: readonly CheckResult[]): readonly string[] =>
  checks.filter((each) => isFailed(each) && each.severity === "warn").map(textOf);

const textOf = ({ check, description, found }: CheckResult): string =>
  `check failed: ${description === "" ? check : `${description} (${check})`}, found ${found}`;
