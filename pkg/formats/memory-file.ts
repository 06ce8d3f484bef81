import type { ReadableFile } from "./types.ts";

/** Bytes that are already in memory, as a file. */
export const memoryFile = (content: string | Uint8Array): ReadableFile => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    read: (into, position) => {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return Promise.resolve(part.length);
    },
  };
};
