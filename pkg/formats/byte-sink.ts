const encoder = new TextEncoder();

/** Growing output; writers call `need` and then set bytes at `at` themselves. */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes; `bytes` may be another array afterwards. */
  need(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.ceil((this.at + count) * 1.5) + 1024);
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  byte(byte: number): void {
    this.need(1);
    this.bytes[this.at++] = byte;
  }

  copy(source: Uint8Array, from: number, to: number): void {
    this.need(to - from);
    const { bytes } = this;
    let at = this.at;
    if (to - from > 64) {
      bytes.set(source.subarray(from, to), at);
      at += to - from;
    } else for (let i = from; i < to; i++) bytes[at++] = source[i] as number;
    this.at = at;
  }

  text(text: string): void {
    this.need(text.length * 3);
    this.at += encoder.encodeInto(text, this.bytes.subarray(this.at)).written;
  }

  /** What was written; the memory belongs to the caller afterwards. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.at);
    this.bytes = new Uint8Array(0);
    this.at = 0;
    return taken;
  }
}

/** Digits of a whole number from 0 to 2^53, padded with zeros to at least `width`; returns the position behind them. */
export function putDigits(bytes: Uint8Array, at: number, value: number, width: number): number {
  let count = 1;
  for (let limit = 10; limit <= value; limit *= 10) count++;
  if (count < width) count = width;
  let rest = value;
  let p = at + count - 1;
  while (rest > 0x7fffffff) {
    const quotient = Math.floor(rest / 10);
    bytes[p--] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  for (let small = rest | 0; p >= at; p--) {
    const quotient = (small / 10) | 0;
    bytes[p] = 48 + small - quotient * 10;
    small = quotient;
  }
  return at + count;
}
