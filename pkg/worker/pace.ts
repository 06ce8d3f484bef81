import type { PhaseKey } from "#pkg/store";

/** Work that is claimed at once takes about this long, so that others soon get their share and a stop soon ends. */
const BUNDLE_MS = 150;
const MOST_UNITS = 32;
const KEPT_PHASES = 200;

interface Known {
  /** How many units are claimed at once. */
  units: number;
  /** The shortest time that a unit took. */
  bestMs: number;
}

/**
 * How many units of a phase are claimed at once: one until it is known that its units are quick, then twice as many from time to
 * time, as long as all of them together take a fraction of a second.
 */
export class Pace {
  readonly #phases = new Map<string, Known>();
  readonly #crashed = new Set<string>();

  most(phase: PhaseKey): number {
    return this.#phases.get(nameOf(phase))?.units ?? 1;
  }

  /** Its units take so long that each is worth a claim of its own. */
  isSlow(phase: PhaseKey): boolean {
    const known = this.#phases.get(nameOf(phase));
    return known !== undefined && known.bestMs > BUNDLE_MS;
  }

  /** One of several that were claimed at once ended its thread: from now on each is on its own, so that it is known which one. */
  crashed(phase: PhaseKey): void {
    const name = nameOf(phase);
    if (this.#crashed.size >= KEPT_PHASES) this.#crashed.clear();
    this.#crashed.add(name);
    this.#phases.delete(name);
  }

  /** So many units that were claimed at once took so long in their thread. */
  took(phase: PhaseKey, units: number, ms: number): void {
    const name = nameOf(phase);
    const known = this.#phases.get(name) ?? { units: 1, bestMs: Number.POSITIVE_INFINITY };
    const each = ms / units;
    known.bestMs = Math.min(known.bestMs, each);
    const more = Math.min(known.units * 2, MOST_UNITS, Math.floor(BUNDLE_MS / each));
    if (!this.#crashed.has(name)) known.units = Math.max(1, more);
    this.#keep(name, known);
  }

  #keep(name: string, known: Known): void {
    if (!this.#phases.has(name) && this.#phases.size >= KEPT_PHASES) this.#phases.clear();
    this.#phases.set(name, known);
  }
}

const nameOf = ({ incarnation, run, node, phase }: PhaseKey): string =>
  JSON.stringify([incarnation, run, node, phase]);
