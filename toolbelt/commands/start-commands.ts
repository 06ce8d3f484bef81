import type { Command } from "commander";
import { Fault } from "#pkg/fault";
import { commaList, dataFolder, setConstants, wholeNumber } from "./flags.ts";
import { executionOf, withExecutionFlags } from "./run.ts";
import type { ToolbeltCommand } from "./command.ts";

interface ScriptFlags {
  readonly keyspace: string;
  readonly script_file: string;
  readonly params_file?: string;
}

const withScript = (command: Command): Command =>
  command
    .requiredOption("--keyspace <name>", "keyspace")
    .requiredOption("--script_file <file>", "script file, .json or .yaml")
    .option("--params_file <file>", "parameters file, .json or .yaml");

/** The reference's `start_run`: makes a run that workers execute; prints its number. */
export const startRunCommand: ToolbeltCommand = {
  define(program, context, finish) {
    withScript(
      program
        .command("start_run")
        .description("start a run that workers (or `resume`) execute; prints its number"),
    )
      .option(
        "--start_nodes <nodes>",
        "start nodes, separated by commas (default: all automatic file readers)",
        commaList,
      )
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt start_run -keyspace=orders -script_file=orders.json -start_nodes=read_orders",
      )
      .action(
        async (
          flags: ScriptFlags & { readonly start_nodes?: readonly string[]; readonly data?: string },
        ) => {
          const { startForWorkers } = await import("../start-for-workers.ts");
          const { keyspace, script_file, params_file, start_nodes } = flags;
          const request = {
            keyspace,
            scriptUrl: script_file,
            parametersUrl: params_file ?? "",
            overrides: {},
            ...(start_nodes === undefined ? {} : { startNodes: start_nodes }),
            constants: await setConstants([]),
          };
          finish(await startForWorkers(context, request, dataFolder(context, flags.data)));
        },
      );
  },
};

interface NodeFlags extends ScriptFlags {
  readonly run_id: number;
  readonly node_id: string;
  readonly data?: string;
  readonly threads?: number;
  readonly memory: number;
  readonly json?: true;
  readonly report?: string;
  readonly verbose?: true;
}

/** The reference's `exec_node`: a new run with exactly one node, executed here; the exit code is that of the run (W-18). */
export const execNodeCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = withScript(
      program
        .command("exec_node")
        .description("execute exactly one node here, in a new run; prints run and elapsed time"),
    )
      .requiredOption("--node_id <name>", "node")
      .option("--run_id <number>", "0: a new run; nothing else is possible", wholeNumber(0), 0);
    withExecutionFlags(command)
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt exec_node -keyspace=orders -script_file=orders.json -node_id=read_orders",
      )
      .action(async (flags: NodeFlags) => {
        if (flags.run_id !== 0)
          throw new Fault(
            "USAGE",
            `-run_id=${flags.run_id}: a node cannot join a run that exists`,
            {
              hint: "The nodes of a run are fixed when it starts. Leave -run_id out for a new run, or continue that one with `capitoolbelt resume`.",
            },
          );
        const { executeNode } = await import("../execute-node.ts");
        const request = {
          keyspace: flags.keyspace,
          scriptUrl: flags.script_file,
          parametersUrl: flags.params_file ?? "",
          overrides: {},
          startNodes: [flags.node_id],
          onlyNodes: [flags.node_id],
          constants: await setConstants([], flags.memory),
        };
        finish(await executeNode(context, request, executionOf(context, flags)));
      });
  },
};
