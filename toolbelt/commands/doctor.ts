import { dataFolder } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface DoctorFlags {
  readonly data?: string;
  readonly fix?: true;
  readonly quick?: true;
  readonly json?: true;
}

/** `capitoolbelt doctor`: what is wrong with an installation, and the safe repair of each. */
export const doctorCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("doctor")
      .description("look for inconsistencies of an installation, with the safe repair of each")
      .option("--fix", "make the repairs that lose nothing; others are named")
      .option("--quick", "do not read every table, and do not watch processes of other machines")
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--json", "print the findings as JSON")
      .option("--verbose", "stack traces on stderr")
      .addHelpText(
        "after",
        "\nExample:\n  capitoolbelt doctor --fix\n\nExit codes: 0 nothing is wrong (any more), 1 something is left, 5 the installation cannot be used",
      )
      .action(async (flags: DoctorFlags) => {
        const { examineFolder } = await import("../doctor.ts");
        const style = {
          folder: dataFolder(context, flags.data),
          json: flags.json === true,
          fix: flags.fix === true,
          quick: flags.quick === true,
        };
        finish(await examineFolder(context, style));
      });
  },
};
