import type { Driver } from "#pkg/store/cassandra";

/** As the driver throws it when a coordinator did not hear from enough replicas in time. */
export const timedOut = (): Error =>
  Object.assign(new Error("Server timeout during write query"), {
    name: "ResponseError",
    code: 0x1100,
    writeType: "CAS",
  });

export interface FailingDriver {
  readonly wrap: (driver: Driver) => Driver;
  /** Statements that failed both ways, without the keyspace. */
  readonly failed: () => readonly string[];
}

/**
 * Of every statement the first execution loses its reply after the server has acted, and the second one fails before the server
 * hears of it: both look the same to the caller. Definitions are left alone, they answer an error of their own.
 */
export function failingDriver(): FailingDriver {
  const seen = new Map<string, number>();
  const disturbed = async <T>(text: string, act: () => Promise<T>): Promise<T> => {
    const name = text.replaceAll(/"[^"]+"\./g, "");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (count === 2) throw timedOut();
    const answer = await act();
    if (count === 1 && !name.startsWith("CREATE") && !name.startsWith("DROP")) throw timedOut();
    return answer;
  };
  return {
    wrap: (driver) => ({
      execute: (text, parameters, options) =>
        disturbed(text, () => driver.execute(text, parameters, options)),
      batch: (queries, options) =>
        disturbed(queries.map(({ query }) => query).join("; "), () =>
          driver.batch(queries, options),
        ),
    }),
    failed: () => [...seen].filter(([, count]) => count >= 2).map(([name]) => name),
  };
}
