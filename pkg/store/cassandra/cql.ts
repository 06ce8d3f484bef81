import { types, type Client } from "cassandra-driver";
import { setTimeout as pause } from "node:timers/promises";
import { mayRepeat, storeFault } from "./classify-error.ts";
import { InFlight } from "./in-flight.ts";
import type { Applied, Row, Statement } from "./statement.ts";

export interface CqlSettings {
  readonly consistency: "local" | "global";
  readonly patienceMs: number;
  readonly inFlight: number;
}

/** Of one execution, as the driver takes it. */
export interface ExecuteOptions {
  readonly consistency: number;
  readonly serialConsistency: number;
  readonly isIdempotent: boolean;
  readonly prepare: boolean;
  readonly fetchSize?: number;
  readonly pageState?: string;
}

/** What is used of the driver; tests wrap it with a plan of failures. */
export interface Driver {
  execute(
    text: string,
    parameters: readonly unknown[],
    options: ExecuteOptions,
  ): Promise<types.ResultSet>;
  batch(
    queries: readonly { readonly query: string; readonly params: readonly unknown[] }[],
    options: ExecuteOptions,
  ): Promise<types.ResultSet>;
}

export interface Page {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

const { consistencies } = types;
const SHORTEST_MS = 25;
const LONGEST_MS = 2000;

/**
 * Statements on one connection pool: bounded in number, and repeated while the cluster does not answer, up to the patience.
 * Everything sent through here is safe to repeat: plain writes are idempotent, and a conditional write that had been applied
 * already is refused with the row it wrote, which its caller recognises (design 4.3).
 */
export class Cql {
  readonly #driver: Driver;
  readonly #inFlight: InFlight;
  readonly #patienceMs: number;
  readonly #quorum: number;
  readonly #serial: number;

  constructor(driver: Driver | Client, settings: CqlSettings) {
    this.#driver = driver as Driver;
    this.#inFlight = new InFlight(settings.inFlight);
    this.#patienceMs = settings.patienceMs;
    const isLocal = settings.consistency === "local";
    this.#quorum = isLocal ? consistencies.localQuorum : consistencies.quorum;
    this.#serial = isLocal ? consistencies.localSerial : consistencies.serial;
  }

  async rows(statement: Statement): Promise<readonly Row[]> {
    const found: Row[] = [];
    let next: string | undefined;
    do {
      const page = await this.page(statement, ROWS_A_PAGE, next);
      found.push(...page.rows);
      ({ next } = page);
    } while (next !== undefined);
    return found;
  }

  async row(statement: Statement): Promise<Row | undefined> {
    return (await this.page(statement, 1, undefined)).rows[0];
  }

  /** Sees every conditional write that has ended for its writer, and ends those that hang. */
  async serialRow(statement: Statement): Promise<Row | undefined> {
    const result = await this.#execute(statement, { consistency: this.#serial });
    return result.rows[0];
  }

  async page(statement: Statement, rows: number, from: string | undefined): Promise<Page> {
    const page = from === undefined ? {} : { pageState: from };
    const result = await this.#execute(statement, { fetchSize: rows, ...page });
    return pageOf(result);
  }

  /** The same of all replicas: what a quorum does not have may still be on its way to it. Sent once: while a node is away it fails. */
  async pageOfAll(statement: Statement, rows: number, from: string | undefined): Promise<Page> {
    const page = from === undefined ? {} : { pageState: from };
    const options = this.#options({ consistency: consistencies.all, fetchSize: rows, ...page });
    const { text, parameters, what } = statement;
    try {
      const send = () => this.#driver.execute(text, parameters, options);
      return pageOf(await this.#inFlight.run(send));
    } catch (error) {
      throw storeFault(error, what);
    }
  }

  async write(statement: Statement): Promise<void> {
    await this.#execute(statement, {});
  }

  async conditional(statement: Statement): Promise<Applied> {
    return appliedOf(await this.#execute(statement, { isIdempotent: false }));
  }

  /** All of one partition; the conditions of all hold or nothing is written. */
  async conditionalBatch(statements: readonly Statement[], what: string): Promise<Applied> {
    const queries = statements.map(({ text, parameters }) => ({ query: text, params: parameters }));
    const options = this.#options({ isIdempotent: false });
    return appliedOf(await this.#repeat(what, () => this.#driver.batch(queries, options)));
  }

  /** Not prepared; repeated like everything else, so it must say IF (NOT) EXISTS. */
  define(statement: Statement): Promise<types.ResultSet> {
    return this.#execute(statement, { prepare: false });
  }

  #execute(
    { text, parameters, what }: Statement,
    options: Partial<ExecuteOptions>,
  ): Promise<types.ResultSet> {
    const all = this.#options(options);
    return this.#repeat(what, () => this.#driver.execute(text, parameters, all));
  }

  #options(options: Partial<ExecuteOptions>): ExecuteOptions {
    return {
      consistency: this.#quorum,
      serialConsistency: this.#serial,
      isIdempotent: true,
      prepare: true,
      ...options,
    };
  }

  #repeat<T>(what: string, send: () => Promise<T>): Promise<T> {
    return this.#inFlight.run(async () => {
      const began = performance.now();
      for (let tries = 1; ; tries += 1) {
        const wait = Math.min(SHORTEST_MS * 2 ** (tries - 1), LONGEST_MS);
        try {
          return await send();
        } catch (error) {
          const isLate = performance.now() - began + wait > this.#patienceMs;
          if (isLate || !mayRepeat(error, tries)) throw storeFault(error, what);
        }
        await pause(wait);
      }
    });
  }
}

const ROWS_A_PAGE = 500;

const pageOf = ({ rows, pageState }: types.ResultSet): Page => ({
  rows,
  next: pageState ?? undefined,
});

function appliedOf(result: types.ResultSet): Applied {
  if (result.wasApplied()) return { applied: true };
  return { applied: false, row: result.rows[0] };
}
