import * as fc from "fast-check";
import { toRecord, Fault } from "#pkg/fault";
import type { UnitOutcome } from "#pkg/workflow";
import type { ControlStore, UnitClaim, UnitCommit, UnitKey, UnitRelease } from "../control.ts";

export const cause = (message: string) =>
  toRecord(new Fault("INTERNAL", message, { facts: { row: 7 } }));

export const outcome: UnitOutcome = {
  counts: { read: 10, written: 9, filtered: 1, rejected: 0, duplicates: 0 },
  chunks: [5, 4],
  bytes: 1234,
  valueHash: "ab",
};

export function keyOf(incarnation: string, unit: number): UnitKey {
  return { incarnation, run: 1, node: "read", phase: "rows", unit };
}

export function claimOf(key: UnitKey, token: string): UnitClaim {
  return { key, token, session: "s", epoch: 1, at: 100 };
}

export function commitOf(key: UnitKey, token: string): UnitCommit {
  return { key, token, epoch: 1, at: 200, result: { outcome } };
}

export function failureOf(key: UnitKey, token: string): UnitCommit {
  return { key, token, epoch: 1, at: 200, result: { cause: cause(`failed ${token}`) } };
}

export function releaseOf(
  key: UnitKey,
  token: string,
  counts: UnitRelease["counts"] = "none",
): UnitRelease {
  return { key, token, cause: cause(`released ${token}`), counts };
}

export interface UnitCommand {
  readonly kind: "claim" | "takeover" | "commit" | "fail" | "release";
  readonly token: string;
  /** Of the attempt taken over. */
  readonly dead: string;
  readonly epoch: number;
}

/** Tokens are never used for two attempts, so each claim of the model takes one that was not granted before. */
const aToken = fc.constantFrom("a", "b", "c");
export const commandLists = fc.array(
  fc.record({
    kind: fc.constantFrom("claim", "takeover", "commit", "fail", "release"),
    token: aToken,
    dead: aToken,
    epoch: fc.constantFrom(1, 1, 1, 2),
  }) satisfies fc.Arbitrary<UnitCommand>,
  { maxLength: 12 },
);

export async function execute(
  control: ControlStore,
  key: UnitKey,
  { kind, token, dead, epoch }: UnitCommand,
): Promise<readonly unknown[]> {
  const claim = { ...claimOf(key, token), epoch };
  if (kind === "claim" || kind === "takeover") {
    const takeover = { token: dead, cause: cause("gone") };
    const { granted, record } = await control.claimUnit(
      kind === "claim" ? claim : { ...claim, takeover },
    );
    return [granted, record?.token, record?.attempt, record?.losses, record?.faults];
  }
  if (kind === "release") return [await control.releaseUnit(releaseOf(key, token, "fault"))];
  const commit = kind === "commit" ? commitOf(key, token) : failureOf(key, token);
  return [await control.commitUnit({ ...commit, epoch })];
}

/** One unit in the fewest words. */
export class UnitModel {
  #state: "pending" | "running" | "success" | "fail" = "pending";
  #token: string | undefined;
  #epoch = 0;
  #released: string | undefined;
  #attempt = 0;
  #losses = 0;
  #faults = 0;

  get visibleState(): string | undefined {
    return this.#state === "pending" ? undefined : this.#state;
  }

  execute({ kind, token, dead, epoch }: UnitCommand): readonly unknown[] {
    switch (kind) {
      case "claim":
        return this.#claim(token, epoch, undefined);
      case "takeover":
        return this.#claim(token, epoch, dead);
      case "commit":
        return [this.#end(token, epoch, "success")];
      case "fail":
        return [this.#end(token, epoch, "fail")];
      case "release":
        return [this.#release(token)];
      default:
        return kind satisfies never;
    }
  }

  #claim(token: string, epoch: number, dead: string | undefined): readonly unknown[] {
    const isRepeat = this.#state === "running" && this.#token === token;
    const isFree =
      dead === undefined
        ? this.#state === "pending"
        : this.#state === "running" && this.#token === dead;
    if (!isRepeat && isFree) {
      if (dead !== undefined) this.#losses += 1;
      this.#state = "running";
      this.#token = token;
      this.#epoch = epoch;
      this.#attempt += 1;
    }
    const seen =
      this.#state === "pending"
        ? [undefined, undefined, undefined, undefined]
        : [this.#token, this.#attempt, this.#losses, this.#faults];
    return [isRepeat || isFree, ...seen];
  }

  #end(token: string, epoch: number, state: "success" | "fail"): boolean {
    if (this.#token !== token || this.#epoch !== epoch) return false;
    if (this.#state === "running") this.#state = state;
    return this.#state === state;
  }

  #release(token: string): boolean {
    if (this.#state !== "running" || this.#token !== token) return this.#released === token;
    this.#state = "pending";
    this.#token = undefined;
    this.#released = token;
    this.#faults += 1;
    return true;
  }
}
