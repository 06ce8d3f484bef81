import { dataFolder } from "./flags.ts";
import type { ToolbeltCommand } from "./command.ts";

/** The reference's `check_db_connectivity`. */
export const checkStoreCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("check_db_connectivity")
      .description("open the store and read from it; prints OK and where it is")
      .option("--data <dir>", "data folder (default: $CAPI_DATA or ./data)")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt check_db_connectivity")
      .action(async (flags: { readonly data?: string }) => {
        const { checkStore } = await import("../check-services.ts");
        finish(await checkStore(context, dataFolder(context, flags.data)));
      });
  },
};

/** The reference's `check_queue_connectivity`. */
export const checkQueueCommand: ToolbeltCommand = {
  define(program, context, finish) {
    program
      .command("check_queue_connectivity")
      .description("send a message through the broker; prints OK and its address")
      .option("--verbose", "stack traces on stderr")
      .addHelpText("after", "\nExample:\n  capitoolbelt check_queue_connectivity")
      .action(async () => {
        const { checkQueue } = await import("../check-services.ts");
        finish(await checkQueue(context));
      });
  },
};
