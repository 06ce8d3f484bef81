import type { ControlStore, UnitClaim } from "#pkg/store";
import { Fault, toRecord } from "#pkg/fault";

/** Claims whose outcome this process never learned. Its own session lives, so nobody else would ever take such a unit over. */
export type Doubts = Set<Pick<UnitClaim, "key" | "token">>;

/** Gives those units back that were claimed after all; what still cannot be told is kept for the next time. */
export async function settleDoubts(context: {
  readonly store: Pick<ControlStore, "releaseUnit">;
  readonly doubts: Doubts;
}): Promise<void> {
  const cause = toRecord(new Fault("STOPPED", "the outcome of the claim was not known"));
  for (const doubt of Array.from(context.doubts)) {
    const { key, token } = doubt;
    await context.store.releaseUnit({ key, token, cause, counts: "none" });
    context.doubts.delete(doubt);
  }
}
