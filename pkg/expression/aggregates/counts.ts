import type { Operand } from "../columns/operand.ts";
import { grownDoubles, type Feed, type State } from "./state.ts";

export class Counts implements State {
  #counts: Float64Array;

  constructor(groups: number) {
    this.#counts = new Float64Array(groups);
  }

  grow(groups: number): void {
    this.#counts = grownDoubles(this.#counts, groups, 0);
  }

  add({ groups, rows }: Feed): void {
    const counts = this.#counts;
    for (let row = 0; row < rows; row += 1) {
      const group = groups[row] as number;
      counts[group] = (counts[group] as number) + 1;
    }
  }

  results(): Operand {
    return { form: "ints", values: this.#counts };
  }
}
