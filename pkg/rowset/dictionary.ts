import type { Entries } from "./texts.ts";
import { hashBytes } from "./hash-bytes.ts";
import { growingBytes, ownBytes } from "./page-bytes.ts";

const FIRST_SLOTS = 64;
const FIRST_BYTES = 1024;

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2 + 1);
  larger.set(array);
  return larger;
}

/** Distinct byte strings, numbered in the order of their first appearance. Open addressing over typed arrays. */
export class Dictionary {
  #size = 0;
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  #hashes = new Int32Array(FIRST_SLOTS);
  #offsets = new Int32Array(FIRST_SLOTS + 1);
  #bytes = new Uint8Array(FIRST_BYTES);

  get size(): number {
    return this.#size;
  }

  /** Number of the entry equal to bytes[start] up to bytes[end]; a new one when there is none yet. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let code = this.#slots[slot] as number; code >= 0; code = this.#slots[slot] as number) {
      if (this.#hashes[code] === hash && this.#equals(code, bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    return this.#append(slot, hash, bytes.subarray(start, end));
  }

  /** What was added so far, without spare room; what is added later does not change it. */
  entries(): Entries {
    const end = this.#offsets[this.#size] as number;
    return {
      offsets: this.#offsets.slice(0, this.#size + 1),
      bytes: ownBytes(this.#bytes, end),
    };
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    let own = this.#offsets[code] as number;
    if ((this.#offsets[code + 1] as number) - own !== end - start) return false;
    for (let at = start; at < end; at++) if (this.#bytes[own++] !== bytes[at]) return false;
    return true;
  }

  #append(slot: number, hash: number, text: Uint8Array): number {
    const code = this.#size++;
    if (code + 2 > this.#offsets.length) this.#offsets = grown(this.#offsets);
    if (code >= this.#hashes.length) this.#hashes = grown(this.#hashes);
    const start = this.#offsets[code] as number;
    const end = start + text.length;
    if (end > this.#bytes.length) {
      const larger = growingBytes(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes.set(text, start);
    this.#offsets[code + 1] = end;
    this.#hashes[code] = hash;
    this.#slots[slot] = code;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return code;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let code = 0; code < this.#size; code++) {
      let slot = (this.#hashes[code] as number) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = code;
    }
    this.#slots = slots;
  }
}
