import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import {
  commentedScript,
  draftScript,
  guessedDraft,
  isReference,
  referenceDraft,
  tableName,
  type Finding,
} from "#pkg/draft";
import { Fault } from "#pkg/fault";
import { errnoOf } from "#pkg/transfer";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { readingFor } from "./files-for.ts";
import { NAME_ANOTHER, whyUnwritable } from "./why-unwritable.ts";

interface ReferenceFlags {
  readonly file: string;
  readonly type: string;
  readonly headerIndex: number;
  readonly firstDataIndex: number;
  readonly separator: string;
}

/** Folders that the scripts of proto_file_reader_creator name, below the temporary folder of the system. */
const QUICKTEST = "proto_file_reader_creator_quicktest";

/** `proto_file_reader_creator`: the script on stdout, JSON indented by one blank. */
export async function printReferenceDraft(
  context: Context,
  { file, type, separator, ...records }: ReferenceFlags,
): Promise<number> {
  if (type !== "csv" && type !== "parquet")
    throw new Fault("USAGE", `-file_type=${type}: it is csv or parquet`);
  if (separator === "") throw new Fault("USAGE", "-csv_separator must not be empty");
  // Only the first character counts, as in the reference; \t is what shells make hard to type.
  const first = separator.startsWith("\\t") ? "\t" : separator.slice(0, 1);
  const url = resolve(context.cwd, file);
  const draft = await referenceDraft((await readingFor(context)).files, {
    url,
    type,
    separator: first,
    ...records,
  });
  const base = basename(url);
  const script = draftScript(
    { ...draft, url: join(tmpdir(), "capi_in", QUICKTEST, base) },
    {
      table: tableName(base),
      readNode: "read_file",
      writeNode: "write_file",
      outputUrl: join(tmpdir(), "capi_out", QUICKTEST, base),
    },
  );
  context.out(`${JSON.stringify(script, null, 1)}\n`);
  return EXIT.success;
}

interface InitRequest {
  readonly from: string;
  readonly file: string;
  readonly out: string | undefined;
}

/** `init from <file>`. Throws USAGE when the script would replace a file. */
export async function initFrom(
  context: Context,
  { from, file, out }: InitRequest,
): Promise<number> {
  if (from !== "from") throw new Fault("USAGE", `init ${from} …: write init from <file>`);
  if (out !== undefined && !out.endsWith(".yaml"))
    throw new Fault("USAGE", `--out ${out}: the name of the script must end with .yaml`);
  if (isReference(file))
    throw new Fault("USAGE", `${file}: scripts take a name like {this} for a parameter`, {
      hint: "Rename the file; in a URL write %7B and %7D.",
    });
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(file) ? file : resolve(context.cwd, file);
  const guessed = await guessedDraft((await readingFor(context)).files, url);
  const name = basename(url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^?]*)\?.*$/is, "$1"));
  const table = tableName(name.slice(0, name.length - extname(name).length) || name);
  const end = guessed.draft.format;
  // As it was typed: the script runs from the same folder, also on another machine.
  const typed = { ...guessed, draft: { ...guessed.draft, url: file } };
  const script = commentedScript(typed, {
    table,
    outputUrl: outputFor(context.cwd, url, `${table}.${end}`),
    command: `capitoolbelt run ${out ?? `${table}.yaml`}`,
  });
  context.err(findingsTable(guessed.findings));
  if (out === undefined) context.out(script);
  else await writeNew(context, out, script);
  return EXIT.success;
}

/** Never the file that the script reads: a run would replace it. */
const outputFor = (cwd: string, input: string, name: string): string =>
  resolve(cwd, "out", name) === input ? `out/copy_of_${name}` : `out/${name}`;

async function writeNew(context: Context, out: string, script: string): Promise<void> {
  try {
    await writeFile(resolve(context.cwd, out), script, { flag: "wx" });
  } catch (error) {
    const isThere = errnoOf(error) === "EEXIST";
    throw new Fault(
      isThere ? "USAGE" : "TARGET_UNWRITABLE",
      `--out ${out}: ${whyUnwritable(error)}`,
      {
        cause: error,
        hint: isThere ? "Name another file; nothing is replaced." : NAME_ANOTHER,
      },
    );
  }
  context.err(`wrote ${out}; run it with: capitoolbelt run ${out}\n`);
}

function findingsTable(findings: readonly Finding[]): string {
  const rows = [
    ["what", "found", "confidence", "why"],
    ...findings.map(({ what, found, confidence, why }) => [what, found, confidence, why]),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
