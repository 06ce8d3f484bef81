import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { asFault, counted, Fault } from "#pkg/fault";
import { correctRows, waiveRows } from "#pkg/operator";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { readCorrections } from "./read-corrections.ts";

interface Request {
  readonly keyspace: string;
  readonly run: number | undefined;
  readonly comment: string;
  readonly json: boolean;
}

/** `correct`: records the corrections of an edited export of rejected rows. */
export async function correct(
  context: Context,
  file: string,
  { keyspace, run, comment, json }: Request,
  folder: string,
): Promise<number> {
  const path = resolve(context.cwd, file);
  const edited = readCorrections(textOf(path));
  await using installation = await openInstallation(context, folder, { create: false });
  const by = `os:${context.user}`;
  const done = await correctRows(installation.ports, { keyspace, run }, edited, { by, comment });
  const { corrected, waived, unchanged } = done;
  const result = { run: done.run.run, corrected, waived, unchanged };
  if (json) context.out(`${JSON.stringify(result)}\n`);
  context.err(
    `run ${result.run}: ${counted(corrected, "row")} corrected, ${waived} waived, ${unchanged} unchanged\n`,
  );
  return EXIT.success;
}

async function* textOf(path: string): AsyncGenerator<string> {
  try {
    for await (const piece of createReadStream(path, "utf8")) yield piece as string;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = isMissing ? "it does not exist" : asFault(error).message;
    throw new Fault("USAGE", `${path} cannot be read: ${reason}`, {
      cause: error,
      facts: { file: path },
      hint: "Name the file that `capitoolbelt rejected --csv` printed into.",
    });
  }
}

interface Selection {
  readonly node: string | undefined;
  readonly reason: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly all: boolean;
}

/** `waive`: records that rejected rows may be left out. */
export async function waive(
  context: Context,
  { node, reason, file, line, all }: Selection,
  { keyspace, run, comment, json }: Request,
  folder: string,
): Promise<number> {
  if (!all && [node, reason, file, line].every((each) => each === undefined))
    throw new Fault("USAGE", "nothing says which rows to waive", {
      hint: "Choose rows with --node, --reason, --file or --line, or waive --all of them.",
    });
  await using installation = await openInstallation(context, folder, { create: false });
  const request = { keyspace, run, node, reason, file, line };
  const decider = { by: `os:${context.user}`, comment };
  const done = await waiveRows(installation.ports, request, decider);
  if (json) context.out(`${JSON.stringify({ run: done.run.run, waived: done.rows })}\n`);
  const nothing =
    done.rows > 0 ? "" : "; `capitoolbelt rejected` lists rows, reasons and what is decided";
  context.err(`run ${done.run.run}: ${counted(done.rows, "row")} waived${nothing}\n`);
  return EXIT.success;
}
