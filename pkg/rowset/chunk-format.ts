/**
 * Chunk format 1, little-endian. A chunk is a header, a directory with one entry a column, and one region a column;
 * regions and the parts inside them begin at multiples of 8, so that typed arrays can be views of an aligned chunk.
 *
 * header (32 bytes): magic u32 · version u16 · flags u16 · rows u32 · columns u32 · directory bytes u32 · chunk bytes u32 ·
 * zero u32 · checksum u32 of the 28 bytes before it followed by the directory
 *
 * directory entry: entry bytes u32 · type u8 · representation u8 · column flags u16 · region offset u32 · region bytes u32 ·
 * region checksum u32 · name bytes u16 · parts u16 · bytes of each part u32… · name · zeros up to a multiple of 4
 *
 * Reserved, refused by this version: chunk flag 1, LZ4 (regions are compressed), column flag 1, validity (the first part is a
 * bitmap of the rows that have a value).
 */
export const MAGIC = 0x48435043;
export const VERSION = 1;

export const HEADER_BYTES = 32;
export const HEADER = {
  magic: 0,
  version: 4,
  flags: 6,
  rows: 8,
  columns: 12,
  directoryBytes: 16,
  chunkBytes: 20,
  checksum: 28,
} as const;

export const ENTRY_BYTES = 24;
export const ENTRY = {
  entryBytes: 0,
  type: 4,
  representation: 5,
  flags: 6,
  offset: 8,
  bytes: 12,
  checksum: 16,
  nameBytes: 20,
  parts: 22,
} as const;

export const ALIGNMENT = 8;

export const align = (bytes: number, unit: number = ALIGNMENT): number =>
  Math.ceil(bytes / unit) * unit;
