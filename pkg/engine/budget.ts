/**
 * How the memory of one engine thread is divided (P8). Blocks are counted several times because evaluation keeps a block's inputs,
 * results and stored form at once.
 *
 * | share | for | when it is not enough |
 * | ----- | --- | --------------------- |
 * | 1/64 | one chunk that is written | chunks get smaller |
 * | 1/32 | one block of input rows | blocks get smaller, down to one chunk |
 * | 1/8 | key runs of unique indexes | spill as further segments |
 * | 1/4 | buffered rows of a sort, shuffle or join output | spill as sorted runs |
 * | 1/4 | right side of a join partition | right side goes block by block |
 * | 1/8 | pages of a table that was read, mapped | the file is closed and opened again |
 * | 1/2 | cache of broadcast right sides | oldest are forgotten |
 */
export const chunkBytesOf = (memory: number): number => memory / 64;
export const blockBytesOf = (memory: number): number => Math.min(8 << 20, memory / 32);
export const bufferBytesOf = (memory: number): number => memory / 8;
export const rightBytesOf = (memory: number): number => memory / 4;
export const mappedBytesOf = (memory: number): number => memory / 8;
export const cacheBytesOf = (memory: number): number => memory / 2;
