import type { Operand } from "../columns/operand.ts";
import { packOperand } from "../columns/pack-operand.ts";
import { rowReader } from "../columns/read-operand.ts";
import type { Feed, State } from "./state.ts";

/** string_agg: the separator comes only after a text that is not empty so far. */
export class JoinedTexts implements State {
  readonly #texts: string[];
  readonly #separator: string;

  constructor(groups: number, separator: string) {
    this.#texts = Array.from({ length: groups }, () => "");
    this.#separator = separator;
  }

  grow(groups: number): void {
    while (this.#texts.length < groups) this.#texts.push("");
  }

  add({ groups, rows, value }: Feed): void {
    const read = rowReader(value);
    for (let row = 0; row < rows; row += 1) {
      const group = groups[row] as number;
      const current = this.#texts[group] as string;
      const text = read(row) as string;
      this.#texts[group] = current === "" ? text : current + this.#separator + text;
    }
  }

  results(): Operand {
    return packOperand("string", [...this.#texts]);
  }
}
