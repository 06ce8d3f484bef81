import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault, isFault } from "#pkg/fault";
import { shownUrl } from "./address.ts";
import { writeFault } from "./errno.ts";
import { openLocalFile } from "./local-file.ts";
import type { Files, OpenFile } from "./port.ts";
import { RangeFile, type ByteStreams } from "./range-file.ts";
import type { TransferSettings } from "./settings.ts";

/** Larger documents (scripts, parameters, code) are refused. */
const MAX_TEXT = 64 * 1024 * 1024;
const COPY_BYTES = 1024 * 1024;

export type OpenStreams = (url: string) => Promise<ByteStreams>;

/** The reading half of Files for one scheme. */
export function readingFiles(
  openStreams: OpenStreams,
  settings: TransferSettings,
): Pick<Files, "facts" | "readText" | "open"> {
  const openFile = async (url: string): Promise<RangeFile> => {
    const streams = await openStreams(url);
    const { maxBytes } = settings.limits;
    if (streams.facts.size <= maxBytes) return new RangeFile(streams, settings.limits);
    await streams.close();
    throw tooLarge(url, streams.facts.size, maxBytes);
  };
  return {
    facts: async (url) => {
      await using file = await openFile(url);
      return file.facts;
    },
    readText: async (url) => {
      await using file = await openFile(url);
      return textOf(url, await wholeOf(url, file));
    },
    open: async (url, need) => {
      const file = await openFile(url);
      const isKnown = file.sequential === undefined && file.facts.size >= 0;
      return need?.anywhere === true && !isKnown ? spooled(url, file, settings) : file;
    },
  };
}

const tooLarge = (url: string, size: number, limit: number): Fault => {
  const shown = shownUrl(url);
  return new Fault(
    "FILE_UNREADABLE",
    `cannot read ${shown}: it has ${size} bytes, ${limit} are allowed`,
    {
      facts: { url: shown },
    },
  );
};

async function wholeOf(url: string, file: RangeFile): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let position = 0; ;) {
    const piece = new Uint8Array(COPY_BYTES);
    const read = await file.read(piece, position);
    pieces.push(piece.subarray(0, read));
    position += read;
    if (read < piece.length) return Buffer.concat(pieces);
    if (position > MAX_TEXT) throw tooLarge(url, position, MAX_TEXT);
  }
}

function textOf(url: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const shown = shownUrl(url);
    throw new Fault("ENCODING_INVALID", `${shown} is not UTF-8 text`, {
      cause: error,
      facts: { url: shown },
    });
  }
}

/** A copy on disk that is removed when it is closed. */
async function spooled(
  url: string,
  file: RangeFile,
  settings: TransferSettings,
): Promise<OpenFile> {
  const folder = await mkdtemp(join(settings.spoolFolder, "capillaries-spool-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "copy");
    const size = await copy(file, path, url, settings.limits.maxBytes);
    const local = await openLocalFile(url, path);
    return {
      facts: file.facts,
      length: size,
      read: (into, position) => local.read(into, position),
      currentFacts: () => file.currentFacts(),
      async [Symbol.asyncDispose]() {
        await local[Symbol.asyncDispose]();
        await file[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    await remove();
    throw isFault(error) ? error : writeFault(`a copy of ${shownUrl(url)}`, error);
  }
}

async function copy(file: RangeFile, path: string, url: string, limit: number): Promise<number> {
  const target = await open(path, "wx", 0o600);
  try {
    const piece = new Uint8Array(COPY_BYTES);
    for (let position = 0; ;) {
      const read = await file.read(piece, position);
      await target.writeFile(piece.subarray(0, read));
      position += read;
      if (position > limit) throw tooLarge(url, position, limit);
      if (read < piece.length) return position;
    }
  } finally {
    await target.close();
  }
}
