import { asFault, Fault } from "#pkg/fault";
import type { Script } from "#pkg/script";
import {
  completeScript,
  processorFiles,
  readScript,
  type NamedText,
  type ReadScript,
} from "#pkg/script/reading";
import type { Files } from "#pkg/transfer";
import type { OperatorPorts } from "./ports.ts";

/** Where a script is and what is given to it. */
export interface ScriptSource {
  readonly scriptUrl: string;
  /** "" for none. */
  readonly parametersUrl: string;
  /** String parameters that win over the file. */
  readonly overrides: Readonly<Record<string, string>>;
}

interface LoadedScript extends ReadScript {
  readonly text: string;
  readonly parameters: string;
}

/** Parameters as a run freezes them: the text of the file and what was given beside it. */
export interface FrozenParameters {
  readonly text: string;
  readonly overrides: Readonly<Record<string, string>>;
}

/** What reading a script needs. */
export type ReadingPorts = Pick<OperatorPorts, "files" | "catalogue">;

/** Script and parameters as they are now; throws SCRIPT_INVALID or PARAMETERS_INVALID with every problem. */
export async function loadScript(
  ports: ReadingPorts,
  request: ScriptSource,
): Promise<LoadedScript> {
  const { scriptUrl, parametersUrl, overrides } = request;
  const text = await readDocument(ports.files, "script", scriptUrl);
  const given =
    parametersUrl === ""
      ? undefined
      : { file: parametersUrl, text: await readDocument(ports.files, "parameters", parametersUrl) };
  const source = { file: scriptUrl, text };
  return {
    ...(await readComplete(ports, source, given, overrides)),
    text,
    parameters: JSON.stringify({ text: given?.text ?? "", overrides } satisfies FrozenParameters),
  };
}

/** A script with the files that its processors name. */
export async function readComplete(
  { files, catalogue }: ReadingPorts,
  source: NamedText,
  parameters: NamedText | undefined,
  overrides: Readonly<Record<string, string>>,
): Promise<ReadScript> {
  const read = readScript(source, parameters, overrides, await catalogue?.());
  const complete = completeScript(read.script, await processorTexts(files, read.script));
  return { script: complete.script, warnings: [...read.warnings, ...complete.warnings] };
}

async function processorTexts(files: Files, script: Script): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const url of processorFiles(script))
    texts.set(url, await readDocument(files, "processor", url));
  return texts;
}

export async function readDocument(files: Files, what: string, url: string): Promise<string> {
  try {
    return await files.readText(url);
  } catch (error) {
    throw new Fault(
      "SCRIPT_UNREADABLE",
      `the ${what} file cannot be read: ${asFault(error).message}`,
      {
        cause: error,
        facts: { file: url },
      },
    );
  }
}
