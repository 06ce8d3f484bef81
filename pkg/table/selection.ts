import { Fault } from "#pkg/fault";
import type { Manifest } from "#pkg/workflow";
import type { AttemptPlace, Piece, TableStore } from "#pkg/store";

/** Selection pieces of one finish unit: part = batch, data = dropped positions (Int32, ascending). */
export const selectionPiece = (batch: number): Piece => ({
  kind: "selection",
  name: "",
  part: batch,
  seq: 0,
});

/** Part -1 lists the batches that have a selection piece (Int32). */
export const selectionDirectory: Piece = { kind: "selection", name: "", part: -1, seq: 0 };

export const bytesOfPositions = (positions: Int32Array): Uint8Array =>
  new Uint8Array(positions.buffer, positions.byteOffset, positions.byteLength);

function positionsOf(bytes: Uint8Array): Int32Array {
  if (bytes.byteLength % 4 !== 0)
    throw new Fault("TABLE_DAMAGED", "a selection has an odd number of bytes");
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

const finishPlace = (manifest: Manifest, at: Manifest["selections"][number]): AttemptPlace => ({
  incarnation: manifest.incarnation,
  run: at.from ?? manifest.run,
  node: manifest.node,
  phase: "finish",
  unit: at.unit,
  token: at.token,
});

/** Dropped positions of the batches of one manifest. Directories are read once. */
export class Selections {
  private readonly tables: TableStore;
  private readonly manifest: Manifest;
  private directories: Promise<readonly ReadonlySet<number>[]> | undefined;

  constructor(tables: TableStore, manifest: Manifest) {
    this.tables = tables;
    this.manifest = manifest;
  }

  /** Positions in the batch that readers do not see, ascending. */
  async dropped(batch: number): Promise<Int32Array> {
    this.directories ??= this.readDirectories();
    const directories = await this.directories;
    const parts: Int32Array[] = [];
    for (const [index, at] of this.manifest.selections.entries()) {
      if (directories[index]?.has(batch) !== true) continue;
      parts.push(
        positionsOf(await this.tables.read(finishPlace(this.manifest, at), selectionPiece(batch))),
      );
    }
    return merge(parts);
  }

  private async readDirectories(): Promise<readonly ReadonlySet<number>[]> {
    const directories: ReadonlySet<number>[] = [];
    for (const at of this.manifest.selections) {
      const bytes = await this.tables.read(finishPlace(this.manifest, at), selectionDirectory);
      directories.push(new Set(positionsOf(bytes)));
    }
    return directories;
  }
}

function merge(parts: readonly Int32Array[]): Int32Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
}
