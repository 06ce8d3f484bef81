import type { ScanStep } from "./scan-format.ts";
import { isBlank } from "./white-space.ts";

/** A text being scanned. */
export class ScanInput {
  readonly #text: string;
  #end: number;
  /** Position of the next character. */
  at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#end = text.length;
  }

  /** At most `width` further characters may be taken; undefined lifts the limit. */
  limit(width: number | undefined): void {
    this.#end = this.#text.length;
    if (width === undefined) return;
    let end = this.at;
    for (let taken = 0; taken < width && end < this.#text.length; taken += 1) {
      end += (this.#text.codePointAt(end) as number) > 0xffff ? 2 : 1;
    }
    this.#end = end;
  }

  textFrom(start: number): string {
    return this.#text.slice(start, this.at);
  }

  /** Takes the next character if it is one of these. */
  accept(characters: string): boolean {
    if (this.at >= this.#end || !characters.includes(this.#text.charAt(this.at))) return false;
    this.at += 1;
    return true;
  }

  acceptAll(characters: string): number {
    const start = this.at;
    while (this.accept(characters));
    return this.at - start;
  }

  /** Takes any character; undefined at the end. */
  take(): number | undefined {
    if (this.at >= this.#end) return undefined;
    const code = this.#text.codePointAt(this.at) as number;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** Skips blanks; false at a line break. */
  skipBlanks(): boolean {
    this.#skipInLine();
    return this.#text.charAt(this.at) !== "\n" || this.at >= this.#end;
  }

  #skipInLine(): void {
    while (
      this.at < this.#end &&
      this.#text.charAt(this.at) !== "\n" &&
      isBlank(this.#text.charAt(this.at))
    ) {
      this.at += 1;
    }
  }

  match(step: ScanStep): boolean {
    if (step.step === "blanks") return this.#matchBlanks(step.lineBreaks, step.trailing);
    if (step.step === "percent") return this.skipBlanks() && this.accept("%");
    if (!this.#text.startsWith(step.text, this.at)) return false;
    this.at += step.text.length;
    return true;
  }

  /** Blanks match one or more blanks or the end; a line break matches one, or the end. */
  #matchBlanks(lineBreaks: number, trailing: boolean): boolean {
    for (let count = 0; count < lineBreaks; count += 1) {
      this.#skipInLine();
      if (this.at < this.#end && !this.accept("\n")) return false;
    }
    if (!trailing) return true;
    const start = this.at;
    this.#skipInLine();
    if (lineBreaks > 0) return true;
    return this.at > start || this.at >= this.#end;
  }
}
