import type { PhaseKey } from "#pkg/store";
import type { Claim } from "./ports.ts";

/**
 * The units that this process holds. While it holds another one of a phase, that phase cannot be over: whoever ends that unit,
 * this process or one that takes it over, looks then. So most commits need no look.
 */
export interface OpenClaims {
  add(claim: Claim): void;
  /** When the store has answered, or it is not known what it did; may be repeated. */
  end(claim: Claim): void;
  holdsAnother(phase: PhaseKey): boolean;
}

export function openClaims(): OpenClaims {
  const tokens = new Map<string, Set<string>>();
  const nameOf = ({ incarnation, run, node, phase }: PhaseKey): string =>
    JSON.stringify([incarnation, run, node, phase]);
  return {
    add({ key, token }) {
      const name = nameOf(key);
      const held = tokens.get(name) ?? new Set();
      tokens.set(name, held.add(token));
    },
    end({ key, token }) {
      const name = nameOf(key);
      const held = tokens.get(name);
      held?.delete(token);
      if (held?.size === 0) tokens.delete(name);
    },
    holdsAnother: (phase) => tokens.has(nameOf(phase)),
  };
}
