import { growingBytes, LARGE_BYTES, ownBytes, type Entries } from "#pkg/rowset";

/** Hash of an empty text; texts are hashed as h = h * 31 + byte, 32 bits. */
export const EMPTY_HASH = 0;

export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = EMPTY_HASH;
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}

const grown = (array: Int32Array, length: number): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
};

const FIRST_BYTES = 16_384;

/** Distinct texts as bytes in order of first appearance; its memory is reused from block to block. */
export class ByteDictionary {
  size = 0;
  offsets = new Int32Array(1025);
  bytes = new Uint8Array(FIRST_BYTES);
  #hashes = new Int32Array(1024);
  #slots = new Int32Array(2048).fill(-1);

  clear(): void {
    this.size = 0;
    this.#slots.fill(-1);
  }

  /** Its texts, by code. Until `clear` nothing more may be put. */
  take(): Entries {
    const { bytes, size } = this;
    const offsets = this.offsets.slice(0, size + 1);
    const end = offsets[size] as number;
    // What was given away is the taker's now; large memory would else be kept for all blocks to come.
    if (end >= LARGE_BYTES) this.bytes = new Uint8Array(FIRST_BYTES);
    return { offsets, bytes: ownBytes(bytes, end) };
  }

  /** Code of the text; `hash` is its `hashBytes`. */
  put(source: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (mixed ^ (mixed >>> 13)) & mask;
    for (let code = slots[slot] as number; code >= 0; code = slots[slot] as number) {
      if (this.#hashes[code] === hash && this.#equals(code, source, from, to)) return code;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.size;
    return this.#append(source, from, to, hash);
  }

  #equals(code: number, source: Uint8Array, from: number, to: number): boolean {
    const { bytes, offsets } = this;
    let at = offsets[code] as number;
    if ((offsets[code + 1] as number) - at !== to - from) return false;
    for (let i = from; i < to; i++, at++) if (source[i] !== bytes[at]) return false;
    return true;
  }

  #append(source: Uint8Array, from: number, to: number, hash: number): number {
    const code = this.size++;
    if (code + 2 > this.offsets.length) this.offsets = grown(this.offsets, 2 * code + 3);
    if (code >= this.#hashes.length) this.#hashes = grown(this.#hashes, 2 * code);
    const start = this.offsets[code] as number;
    const end = start + to - from;
    if (end > this.bytes.length) {
      const larger = growingBytes(2 * end);
      larger.set(this.bytes.subarray(0, start));
      this.bytes = larger;
    }
    const { bytes } = this;
    for (let i = from, at = start; i < to; i++, at++) bytes[at] = source[i] as number;
    this.#hashes[code] = hash;
    this.offsets[code + 1] = end;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return code;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let code = 0; code < this.size; code++) {
      const hash = this.#hashes[code] as number;
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
      let slot = (mixed ^ (mixed >>> 13)) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = code;
    }
    this.#slots = slots;
  }
}
