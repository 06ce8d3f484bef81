import type { Command } from "commander";
import type { Context } from "../context.ts";

/** One command of the toolbelt: flags here, work behind a lazy import so that --help stays quick. */
export interface ToolbeltCommand {
  define(program: Command, context: Context, finish: (code: number) => void): void;
}
