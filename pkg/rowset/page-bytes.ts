/** Arrays of fewer bytes come from the heap of the C library as ever. */
export const LARGE_BYTES = 4 << 20;
/** glibc asks the system for every array beyond 32 MB, whatever limit it has set itself since it started. */
const MAPPED = (32 << 20) + (64 << 10);

/**
 * Zeroed bytes, at least `length`, for memory that grows. Large ones are pages of their own: they count only from when they are
 * written to, and go back to the system with the array. From the C library's heap a 20 MB array would stay with the thread for good
 * and, once freed, make the library keep later ones too.
 */
export const growingBytes = (length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(length < LARGE_BYTES ? length : Math.max(length, MAPPED));

/** Zeroed bytes; large ones as a view of `growingBytes`, at offset 0. */
export const pageBytes = (length: number): Uint8Array<ArrayBuffer> =>
  length < LARGE_BYTES ? new Uint8Array(length) : growingBytes(length).subarray(0, length);

/** The first `length` bytes as the caller's own: a copy without spare room, of large ones a view, whose spare room was never written to. */
export const ownBytes = (
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> =>
  length < LARGE_BYTES ? bytes.slice(0, length) : bytes.subarray(0, length);
