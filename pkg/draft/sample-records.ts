/** Records of CSV text by the rules of spec/script.md 3.2: lazy quotes, blank lines do not count. */
export function sampleRecords(text: string, separator: string, limit: number): readonly string[][] {
  const records: string[][] = [];
  const scanner = new RecordScanner(text, separator);
  while (records.length < limit) {
    const record = scanner.next();
    if (record === undefined) break;
    records.push(record);
  }
  return records;
}

class RecordScanner {
  readonly #text: string;
  readonly #separator: string;
  #at = 0;

  constructor(text: string, separator: string) {
    this.#text = text;
    this.#separator = separator;
  }

  next(): string[] | undefined {
    while (this.#lineEnd(this.#at) > 0) this.#at = this.#lineEnd(this.#at);
    if (this.#at >= this.#text.length) return undefined;
    const record: string[] = [];
    for (;;) {
      record.push(this.#text[this.#at] === '"' ? this.#quoted() : this.#plain());
      const end = this.#lineEnd(this.#at);
      if (end > 0 || this.#at >= this.#text.length) {
        this.#at = Math.max(this.#at, end);
        return record;
      }
      this.#at += this.#separator.length;
    }
  }

  /** Where the line end at `at` ends; 0 when there is none. */
  #lineEnd(at: number): number {
    if (this.#text[at] === "\n") return at + 1;
    return this.#text.startsWith("\r\n", at) ? at + 2 : 0;
  }

  #endsCell(at: number): boolean {
    const isEnd = at >= this.#text.length || this.#lineEnd(at) > 0;
    return isEnd || this.#text.startsWith(this.#separator, at);
  }

  #plain(): string {
    const from = this.#at;
    while (!this.#endsCell(this.#at)) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  #quoted(): string {
    let value = "";
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      if (this.#text[at] !== '"') value += this.#text[at];
      else if (this.#endsCell(at + 1)) {
        this.#at = at + 1;
        return value.replaceAll("\r\n", "\n");
      } else {
        value += '"';
        if (this.#text[at + 1] === '"') at += 1;
      }
    }
    this.#at = this.#text.length;
    return value;
  }
}
