import { onlyFault, toRecord } from "#pkg/fault";
import { forEachLimit } from "#pkg/async";
import type { FileTableNode, Script, ScriptNode, TableFileNode } from "#pkg/script";
import { outputUrl, type FrozenInput } from "#pkg/workflow";
import { isPattern, type Files } from "#pkg/transfer";

const STATS_AT_ONCE = 16;

/** The script with every relative file path made absolute against the folder of whoever starts the run (design 4.2). */
export function withAbsoluteUrls(script: Script, absolute: (url: string) => string): Script {
  const fix = (node: ScriptNode): ScriptNode => {
    if (node.kind === "file_table")
      return { ...node, reader: { ...node.reader, urls: node.reader.urls.map(absolute) } };
    if (node.kind !== "table_file") return node;
    return { ...node, writer: { ...node.writer, urlTemplate: absolute(node.writer.urlTemplate) } };
  };
  return { ...script, nodes: script.nodes.map(fix) };
}

/**
 * The script with every pattern among the inputs of the affected readers replaced by the files it stands for now (P6). A pattern
 * that stands for nothing stays, and is frozen as a missing file.
 */
export async function withListedInputs(
  script: Script,
  affected: ReadonlySet<string>,
  files: Files,
): Promise<Script> {
  const nodes: ScriptNode[] = [];
  for (const node of script.nodes) {
    if (node.kind !== "file_table" || !affected.has(node.name)) {
      nodes.push(node);
      continue;
    }
    const { urls: written } = node.reader;
    if (!written.some(isPattern)) {
      nodes.push(node);
      continue;
    }
    const urls: string[] = [];
    for (const url of written) urls.push(...(await listed(files, url)));
    nodes.push({ ...node, reader: { written, ...node.reader, urls } });
  }
  return { ...script, nodes };
}

/**
 * The script with the files of the retried run in the place of the same patterns (P6): files that came since belong to a new run,
 * and batches that are taken over keep their numbers.
 */
export function withFrozenInputs(script: Script, before: Script): Script {
  const readers = new Map(
    before.nodes.flatMap((node) => (node.kind === "file_table" ? [[node.name, node.reader]] : [])),
  );
  const nodes = script.nodes.map((node): ScriptNode => {
    if (node.kind !== "file_table") return node;
    const { written, urls } = readers.get(node.name) ?? {};
    const isSame = written !== undefined && sameTexts(written, node.reader.urls);
    return isSame ? { ...node, reader: { ...node.reader, written, urls: urls ?? [] } } : node;
  });
  return { ...script, nodes };
}

const sameTexts = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((text, at) => text === right[at]);

async function listed(files: Files, url: string): Promise<readonly string[]> {
  if (!isPattern(url)) return [url];
  try {
    const found = await files.list(url);
    return found.length > 0 ? found : [url];
  } catch (error) {
    onlyFault(error);
    // Freezing asks for the facts of the pattern next and records why it cannot be read.
    return [url];
  }
}

/**
 * Size and version of every input of the affected readers, in node and URL order (P6). What cannot be read is frozen as
 * such: the run starts and the batch fails with that cause.
 */
export async function freezeInputs(
  script: Script,
  affected: ReadonlySet<string>,
  files: Files,
): Promise<readonly FrozenInput[]> {
  const readers = script.nodes.filter(
    (node): node is FileTableNode => node.kind === "file_table" && affected.has(node.name),
  );
  const wanted = readers.flatMap((node) =>
    node.reader.urls.map((url) => ({ node: node.name, url })),
  );
  const frozen: FrozenInput[] = [];
  await forEachLimit(wanted.entries(), STATS_AT_ONCE, async ([at, { node, url }]) => {
    frozen[at] = await files
      .facts(url)
      .then(({ size, version }) => ({ node, url, size, version }))
      .catch((error: unknown) => ({ node, url, size: 0, version: "", missing: toRecord(error) }));
  });
  return frozen;
}

export interface FrozenOutput {
  readonly node: string;
  readonly path: string;
}

/** Every file that the affected nodes will publish, by its one resolved name. */
export async function resolveOutputs(
  nodes: readonly TableFileNode[],
  run: number,
  files: Files,
): Promise<readonly FrozenOutput[]> {
  const wanted = nodes.flatMap((node) =>
    Array.from({ length: node.reader.batches ?? 1 }, (_, batch) => ({
      node: node.name,
      url: outputUrl(node.writer.urlTemplate, run, batch),
    })),
  );
  const outputs: FrozenOutput[] = [];
  await forEachLimit(wanted.entries(), STATS_AT_ONCE, async ([at, { node, url }]) => {
    outputs[at] = { node, path: await files.resolve(url) };
  });
  return outputs;
}
