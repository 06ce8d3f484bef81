/** Places for units claimed at once: one for each thread and one that waits ahead. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** False when none is free now. */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** False when the signal was raised before one became free. */
  async take(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (this.tryTake()) return true;
      await this.#given(signal);
    }
    return false;
  }

  give(): void {
    this.#free += 1;
    const waiting = Array.from(this.#waiting);
    for (const wake of waiting) wake();
  }

  #given(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      signal.addEventListener("abort", wake);
      this.#waiting.add(wake);
    });
  }
}
