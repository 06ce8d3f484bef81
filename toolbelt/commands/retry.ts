import type { Command } from "commander";
import { Fault } from "#pkg/fault";
import type { RetryRequest } from "#pkg/operator";
import type { RetrySize } from "#pkg/workflow";
import { collect, wholeNumber } from "./flags.ts";
import { executionOf, withExecutionFlags } from "./run.ts";
import type { ToolbeltCommand } from "./command.ts";

export interface RetryFlags {
  readonly keyspace?: string;
  readonly run?: number;
  readonly failed?: true;
  readonly missing?: true;
  readonly node: readonly string[];
  readonly below?: true;
  readonly batches?: string;
  readonly all?: true;
  readonly script?: string;
  readonly changedFiles?: true;
}

/** What to execute again; `plan` and `retry` share it. */
export const withRetryFlags = (command: Command): Command =>
  command
    .option("--run <number>", "run to retry (default: the newest)", wholeNumber(1))
    .option("--failed", "failed batches and what they held up (default: with --missing)")
    .option("--missing", "batches that never ran (default: with --failed)")
    .option("--node <names>", "these nodes wholly, separated by commas; repeatable", collect, [])
    .option("--below", "with --node: everything below them too")
    .option("--batches <numbers>", "with one --node: only these batches, and everything below")
    .option("--all", "everything; nothing is taken over")
    .option("--script <file>", "script that takes the place of the one the run was started with")
    .option("--changed-files", "read input files as they are now, also when they have changed");

/** `capitoolbelt retry`: a new run that takes over what is committed and executes the rest (design 4.5). */
export const retryCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("retry")
      .description(
        "execute what failed or is missing of a run in a new run; the rest is taken over",
      )
      .requiredOption("--keyspace <name>", "keyspace");
    withExecutionFlags(withRetryFlags(command))
      .addHelpText(
        "after",
        "\nExamples:\n  capitoolbelt retry --keyspace orders\n" +
          "  capitoolbelt retry --keyspace orders --node price_items --below --script fixed.json\n\n" +
          "Parameters, dates and constants are those of the retried run. The plan is shown first; `capitoolbelt plan` only shows it.\n" +
          "Decisions about rejected rows are applied by `capitoolbelt replay`, not by a retry; they stay open for the new run.\n" +
          "With nothing to do no run is made and the exit code is 0.",
      )
      .action(
        async (flags: RetryFlags & { keyspace: string } & Parameters<typeof executionOf>[1]) => {
          const { executeRetry } = await import("../execute.ts");
          const request = retryRequest(flags.keyspace, flags);
          finish(await executeRetry(context, request, executionOf(context, flags)));
        },
      );
  },
};

export const retryRequest = (
  keyspace: string,
  flags: Omit<RetryFlags, "keyspace"> & { readonly script?: string },
): Omit<RetryRequest, "absolute"> => ({
  keyspace,
  run: flags.run,
  size: sizeOf(flags),
  changedFiles: flags.changedFiles === true,
  ...(flags.script === undefined ? {} : { scriptUrl: flags.script }),
});

const namesOf = (flags: readonly string[]): readonly string[] =>
  flags
    .flatMap((names) => names.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");

function sizeOf(flags: RetryFlags): RetrySize {
  const { failed, missing, below, batches, all } = flags;
  const nodes = namesOf(flags.node);
  refuseContradiction(flags, nodes);
  if (all === true) return { kind: "all" };
  if (batches !== undefined) return batchesOf(nodes, batches);
  if (nodes.length > 0) return { kind: "nodes", nodes, below: below === true };
  const isBoth = failed === missing;
  return {
    kind: "unfinished",
    failed: isBoth || failed === true,
    missing: isBoth || missing === true,
  };
}

function refuseContradiction(
  { failed, missing, below, batches, all }: RetryFlags,
  nodes: readonly string[],
): void {
  const asked = [failed === true || missing === true, nodes.length > 0, all === true];
  if (asked.filter(Boolean).length > 1)
    throw new Fault("USAGE", "--failed/--missing, --node and --all exclude each other");
  if (nodes.length === 0 && (below === true || batches !== undefined))
    throw new Fault("USAGE", `${below === true ? "--below" : "--batches"} needs --node`);
}

function batchesOf(nodes: readonly string[], text: string): RetrySize {
  const [node, ...others] = nodes;
  const numbers = text.split(",").map((number) => number.trim());
  if (
    node === undefined ||
    others.length > 0 ||
    numbers.some((number) => !/^\d{1,9}$/.test(number))
  )
    throw new Fault("USAGE", `--batches ${text}: numbers separated by commas, of one --node`);
  return { kind: "batches", batches: { [node]: numbers.map(Number) } };
}
