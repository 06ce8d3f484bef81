import { Fault, fromRecord } from "#pkg/fault";
import type { FileTableNode } from "#pkg/script";
import { documentHash } from "#pkg/store";
import { shownUrl, type FileFacts, type OpenFile } from "#pkg/transfer";
import type { FrozenInput } from "#pkg/workflow";
import type { NodeContext } from "./types.ts";

/**
 * Opens input number `file` of the node if it still is what was frozen at run start, and lets `work` read it; the comparison is made
 * again at the end (FILE_CHANGED). An input that was missing at run start fails with the fault found then (P6).
 */
export async function withInput<Result>(
  context: NodeContext<FileTableNode>,
  file: number,
  work: (open: OpenFile, url: string) => Promise<Result>,
): Promise<Result> {
  const { node, ports } = context;
  const frozen = inputOf(context, file);
  if (frozen.missing !== undefined) {
    // Frozen as it was found (P6), so that no further attempt can find it otherwise.
    const { code, message, hint, facts } = fromRecord(frozen.missing);
    throw new Fault(code, message, {
      hint,
      facts: { ...facts, node: node.name, file: shownUrl(frozen.url) },
    });
  }
  await using open = await ports.files.open(frozen.url, {
    anywhere: node.reader.format === "parquet",
  });
  requireSame(node.name, frozen, open.facts);
  const result = await work(open, shownUrl(frozen.url));
  requireSame(node.name, frozen, await open.currentFacts());
  return result;
}

/** Identity of an input as it was frozen; corrections of its rows are kept under it. */
export function inputHash(context: NodeContext<FileTableNode>, file: number): string {
  const { size, version } = inputOf(context, file);
  return documentHash(JSON.stringify({ size, version }));
}

function inputOf(context: NodeContext<FileTableNode>, file: number): FrozenInput {
  const { node, inputs } = context;
  const frozen = inputs.filter((input) => input.node === node.name)[file];
  if (frozen === undefined)
    throw new Fault("INTERNAL", `node ${node.name} has no frozen input ${file}`);
  return frozen;
}

function requireSame(node: string, frozen: FrozenInput, facts: FileFacts): void {
  if (facts.size === frozen.size && facts.version === frozen.version) return;
  throw new Fault(
    "FILE_CHANGED",
    `${shownUrl(frozen.url)} is not what it was when the run started`,
    {
      facts: {
        node,
        file: shownUrl(frozen.url),
        frozen: { size: frozen.size, version: frozen.version },
        found: { ...facts },
      },
    },
  );
}
