import { executionOf, withExecutionFlags } from "./run.ts";
import { wholeNumber } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

interface ResumeFlags {
  readonly keyspace?: string;
  readonly run?: number;
  readonly data?: string;
  readonly threads?: number;
  readonly memory: number;
  readonly json?: true;
  readonly report?: string;
  readonly verbose?: true;
}

/** `capitoolbelt resume`: continue a run that has no final status (design 11). */
export const resumeCommand: ToolbeltCommand = {
  define(program, context, finish) {
    const command = program
      .command("resume")
      .description("continue an interrupted run that has no final status")
      .option("--keyspace <name>", "keyspace (default: the only one with an unfinished run)")
      .option("--run <number>", "run (default: the newest unfinished one)", wholeNumber(1));
    withExecutionFlags(command)
      .addHelpText("after", "\nExample:\n  capitoolbelt resume --keyspace orders --run 3")
      .action(async (flags: ResumeFlags) => {
        const { executeResume } = await import("../execute.ts");
        const wanted = { keyspace: flags.keyspace, run: flags.run };
        finish(await executeResume(context, wanted, executionOf(context, flags)));
      });
  },
};
