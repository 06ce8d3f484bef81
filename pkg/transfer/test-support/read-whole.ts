import type { Files, TransferSettings } from "#pkg/transfer";
import { NO_SETTINGS } from "#pkg/transfer";

/** Settings whose waits are short, so that faults come soon. */
export const quick: TransferSettings = {
  ...NO_SETTINGS,
  limits: { ...NO_SETTINGS.limits, connectMs: 2000, stallMs: 300, retryDelaysMs: [1, 1, 1] },
};

/** The whole content, read in pieces of a size. */
export async function readWhole(files: Files, url: string, pieceBytes = 1000): Promise<Buffer> {
  await using file = await files.open(url);
  const pieces: Buffer[] = [];
  for (let position = 0; ;) {
    const piece = Buffer.alloc(pieceBytes);
    const read = await file.read(piece, position);
    pieces.push(piece.subarray(0, read));
    position += read;
    if (read < pieceBytes) return Buffer.concat(pieces);
  }
}

/** Bytes that differ everywhere. */
export const numbered = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
