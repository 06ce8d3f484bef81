import { InvalidArgumentError } from "commander";
import type { ToolbeltCommand } from "./command.ts";

interface ProtoFlags {
  readonly file: string;
  readonly file_type: string;
  readonly csv_hdr_line_idx: number;
  readonly csv_first_line_idx: number;
  readonly csv_separator: string;
  readonly verbose?: true;
}

const integer =
  (least: number) =>
  (text: string): number => {
    if (/^-?\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };

/** The reference's `proto_file_reader_creator` (spec/script.md 13). */
export const protoFileReaderCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("proto_file_reader_creator")
      .description("look at a local file and print a JSON script that reads and writes it")
      .requiredOption("--file <file>", "file to look at")
      .option("--file_type <type>", "csv or parquet", "csv")
      .option("--csv_hdr_line_idx <n>", "record of the header, -1 for none", integer(-1), -1)
      .option("--csv_first_line_idx <n>", "first data record", integer(0), 0)
      .option("--csv_separator <text>", "field separator", ",")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt proto_file_reader_creator -file_type=csv -csv_hdr_line_idx=0 -csv_first_line_idx=1 -file=orders.csv > orders.json",
      )
      .action(async (flags: ProtoFlags) => {
        const { printReferenceDraft } = await import("../draft-script.ts");
        finish(
          await printReferenceDraft(context, {
            file: flags.file,
            type: flags.file_type,
            headerIndex: flags.csv_hdr_line_idx,
            firstDataIndex: flags.csv_first_line_idx,
            separator: flags.csv_separator,
          }),
        );
      });
  },
};

interface InitFlags {
  readonly out?: string;
  readonly verbose?: true;
}

/** `init from <file>`: a commented script that is ready to run (design 11). */
export const initCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("init")
      .description(
        "init from <file>: look at a CSV, TSV, NDJSON or Parquet file and write a commented YAML script for it; what was found goes to stderr",
      )
      .argument("<from>", "the word from")
      .argument("<file>", "file or URL to look at")
      .option("--out <script>", "write the script into this .yaml file (default: stdout)")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt init from orders.csv --out orders.yaml && capitoolbelt run orders.yaml",
      )
      .action(async (from: string, file: string, flags: InitFlags) => {
        const { initFrom } = await import("../draft-script.ts");
        finish(await initFrom(context, { from, file, out: flags.out }));
      });
  },
};
