import { InvalidArgumentError, type Command } from "commander";
import { commaList, dataFolder, wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface ScriptFlags {
  readonly script_file: string;
  readonly params_file?: string;
}

/** In the reference everything but capigraph is DOT; nobody who says SVG means that. */
const formatOf = (text: string): string => (text === "svg" ? "capigraph" : text);

const withFormat = (command: Command): Command =>
  command
    .option("--format <format>", "capigraph or svg (SVG), or dot", formatOf, "capigraph")
    .option("--verbose", "stack traces on stderr");

interface ValidateFlags extends ScriptFlags {
  readonly format: string;
  readonly detail: string;
  readonly idx_dag?: boolean;
  readonly field_dag?: boolean;
}

/** A flag of the reference that is set by its name alone or by a word. */
function truth(text: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new InvalidArgumentError("true or false.");
}

/** The reference's `validate_script`: prints the diagram of a valid script (spec/workflow.md 8). */
export const validateScriptCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("validate_script")
      .description("validate a script and print its diagram as SVG or DOT")
      .requiredOption("--script_file <file>", "script file, .json or .yaml")
      .option("--params_file <file>", "parameters file, .json or .yaml")
      .option("--detail <detail>", "idx, field or both, separated by a comma", "idx,field")
      .option("--idx_dag [true|false]", "as in 1.1.6: DOT with tables and indexes", truth)
      .option("--field_dag [true|false]", "as in 1.1.6: DOT with fields, after the other", truth);
    withFormat(command)
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt validate_script -script_file=orders.json > orders.svg",
      )
      .action(async (flags: ValidateFlags) => {
        const { printScriptDiagram } = await import("../diagram.ts");
        finish(await printScriptDiagram(context, flags));
      });
  },
};

interface StatusFlags extends Partial<ScriptFlags> {
  readonly keyspace: string;
  readonly run_id: number;
  readonly format: string;
  readonly data?: string;
}

/** The reference's `get_run_status_diagram`, also under the name that its code of 1.1.6 had. */
export const statusDiagramCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("get_run_status_diagram")
      .alias("drop_run_status_diagram")
      .description("print the diagram of a run, nodes coloured by their status, as SVG or DOT")
      .requiredOption("--keyspace <name>", "keyspace")
      .requiredOption("--run_id <number>", "run", wholeNumber(1))
      .option("--script_file <file>", "script file (default: the script as the run froze it)")
      .option("--params_file <file>", "parameters file, .json or .yaml")
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)");
    withFormat(command)
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt get_run_status_diagram -keyspace=orders -run_id=1 > run.svg",
      )
      .action(async ({ data, ...flags }: StatusFlags) => {
        const { printStatusDiagram } = await import("../diagram.ts");
        finish(await printStatusDiagram(context, flags, dataFolder(context, data)));
      });
  },
};

interface CqlFlags extends ScriptFlags {
  readonly keyspace: string;
  readonly run_id: number;
  readonly start_nodes?: readonly string[];
}

/** The reference's `get_table_cql`. */
export const tableCqlCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("get_table_cql")
      .description("print the CQL with which the reference creates the tables of a run")
      .requiredOption("--keyspace <name>", "keyspace")
      .requiredOption("--script_file <file>", "script file, .json or .yaml")
      .option("--params_file <file>", "parameters file, .json or .yaml")
      .option("--run_id <number>", "run; 0 marks the statements as invalid", wholeNumber(0), 0)
      .option(
        "--start_nodes <nodes>",
        "start nodes, separated by commas (default: all automatic file readers)",
        commaList,
      )
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt get_table_cql -keyspace=orders -script_file=orders.json -run_id=1",
      )
      .action(async (flags: CqlFlags) => {
        const { printTableCql } = await import("../table-cql.ts");
        finish(await printTableCql(context, flags));
      });
  },
};
