import { isFault, type Fault } from "#pkg/fault";

/** The Fault that a call throws; any other error passes. */
export function faultThrown(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error("nothing failed");
}

/** The Fault that a promise rejects with; any other error passes. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error("nothing failed");
}
