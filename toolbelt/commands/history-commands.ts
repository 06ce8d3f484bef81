import type { Command } from "commander";
import { commaList, dataFolder, runNumbers, wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface HistoryFlags {
  readonly keyspace: string;
  readonly data?: string;
}

const withPlace = (command: Command): Command =>
  command
    .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
    .option("--verbose", "stack traces on stderr");

/** The reference's `get_run_history`. */
export const runHistoryCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("get_run_history")
      .description("print the events of all runs of a keyspace as CSV, by time")
      .requiredOption("--keyspace <name>", "keyspace");
    withPlace(command)
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt get_run_history -keyspace=orders\n\n" +
          "Run statuses: 1 start, 2 complete, 3 stop.",
      )
      .action(async ({ keyspace, data }: HistoryFlags) => {
        const { showRunHistory } = await import("../history.ts");
        finish(await showRunHistory(context, keyspace, dataFolder(context, data)));
      });
  },
};

const NODE_STATUSES = "Statuses: 1 start, 2 success, 3 fail, 104 stop received.";

/** The reference's `get_node_history`. */
export const nodeHistoryCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("get_node_history")
      .description("print the events of the nodes of runs as CSV, by time")
      .requiredOption("--keyspace <name>", "keyspace")
      .option("--run_ids <numbers>", "runs, separated by commas (default: all)", runNumbers, []);
    withPlace(command)
      .addHelpText(
        "after",
        `\nExample:\n  capitoolbelt get_node_history -keyspace=orders -run_ids=1,2\n\n${NODE_STATUSES}`,
      )
      .action(async (flags: HistoryFlags & { readonly run_ids: readonly number[] }) => {
        const { showNodeHistory } = await import("../history.ts");
        const { keyspace, run_ids: runs, data } = flags;
        finish(await showNodeHistory(context, { keyspace, runs }, dataFolder(context, data)));
      });
  },
};

interface BatchFlags extends HistoryFlags {
  readonly run_id?: number;
  readonly node?: string;
  readonly run_ids: readonly number[];
  readonly nodes: readonly string[];
}

/** The reference's `get_batch_history`, with the flags of both its generations. */
export const batchHistoryCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("get_batch_history")
      .description("print the events of batches as CSV, by run, node and batch")
      .requiredOption("--keyspace <name>", "keyspace")
      .option("--run_id <number>", "run (default: all)", wholeNumber(1))
      .option("--node <name>", "node (default: all)")
      .option("--run_ids <numbers>", "several runs, separated by commas", runNumbers, [])
      .option("--nodes <names>", "several nodes, separated by commas", commaList, []);
    withPlace(command)
      .addHelpText(
        "after",
        `\nExample:\n  capitoolbelt get_batch_history -keyspace=orders -run_id=1 -node=read_orders\n\n${NODE_STATUSES}`,
      )
      .action(async (flags: BatchFlags) => {
        const { showBatchHistory } = await import("../history.ts");
        const { keyspace, run_id, node, data } = flags;
        const request = {
          keyspace,
          runs: run_id === undefined ? flags.run_ids : [run_id, ...flags.run_ids],
          nodes: node === undefined ? flags.nodes : [node, ...flags.nodes],
        };
        finish(await showBatchHistory(context, request, dataFolder(context, data)));
      });
  },
};
