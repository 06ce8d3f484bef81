import type { PhaseName } from "#pkg/workflow";

/** A hint that units may be claimed; the store decides (P5). Losing, doubling or reordering messages costs only speed. */
export interface UnitMessage {
  readonly incarnation: string;
  readonly run: number;
  readonly node: string;
  readonly phase: PhaseName;
  readonly unit: number;
  /** How many, from `unit` on; absent: that one. */
  readonly units?: number;
}

/** Which messages: every member given must match. */
export interface QueueScope {
  readonly incarnation?: string;
  readonly run?: number;
  readonly node?: string;
}

/**
 * How a message ends: `done` when its units were claimed or need no work; `again` puts it behind the others after `delayMs`.
 */
export type Settlement =
  { readonly kind: "done" } | { readonly kind: "again"; readonly delayMs: number };

export interface ConsumeOptions {
  /** Ends the consumption; messages that are being handled are settled first. */
  readonly signal: AbortSignal;
  /** How many messages may be in the handler at a time. */
  readonly limit: number;
}

export interface Queue extends AsyncDisposable {
  publish(messages: readonly UnitMessage[]): Promise<void>;
  /**
   * Hands messages to `handle` until the signal is raised, then resolves. A handler that throws ends the consumption with
   * that error; its message and those not yet handled stay in the queue.
   */
  consume(
    handle: (message: UnitMessage) => Promise<Settlement>,
    options: ConsumeOptions,
  ): Promise<void>;
  /** Messages waiting, delayed ones included; not those in a handler. */
  depth(scope: QueueScope): Promise<number>;
  /** Removes waiting messages, delayed ones included; how many. */
  purge(scope: QueueScope): Promise<number>;
}
