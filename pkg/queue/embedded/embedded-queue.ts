import { Fault } from "#pkg/fault";
import type { ConsumeOptions, Queue, QueueScope, Settlement, UnitMessage } from "../queue.ts";

/**
 * A queue in the memory of one process. Other processes and a restart know nothing of it: they find work in the store.
 * Equal messages that wait are kept once.
 */
export const openEmbeddedQueue = (): Queue => new EmbeddedQueue();

type Handle = (message: UnitMessage) => Promise<Settlement>;

class EmbeddedQueue implements Queue {
  /** In the order of arrival. */
  readonly #ready = new Map<string, UnitMessage>();
  readonly #delayed = new Map<NodeJS.Timeout, UnitMessage>();
  /** Consumers without a message, woken when one arrives. */
  readonly #idle = new Set<() => void>();
  #closed = false;

  async publish(messages: readonly UnitMessage[]): Promise<void> {
    this.#checkOpen();
    for (const message of messages) this.#add(message);
  }

  async consume(handle: Handle, { signal, limit }: ConsumeOptions): Promise<void> {
    this.#checkOpen();
    const stop = new AbortController();
    const ended = AbortSignal.any([signal, stop.signal]);
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      try {
        await this.#handleUntil(ended, handle);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    };
    await Promise.all(Array.from({ length: limit }, work));
    if (failures.length > 0) throw failures[0];
  }

  async depth(scope: QueueScope): Promise<number> {
    return this.#waiting().filter((message) => matches(message, scope)).length;
  }

  async purge(scope: QueueScope): Promise<number> {
    const before = this.#waiting().length;
    for (const [key, message] of this.#ready) {
      if (matches(message, scope)) this.#ready.delete(key);
    }
    for (const [timer, message] of this.#delayed) {
      if (matches(message, scope)) this.#cancel(timer);
    }
    return before - this.#waiting().length;
  }

  /** Ends every consumption as its own signal would; what waits is forgotten. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const timer of this.#delayed.keys()) this.#cancel(timer);
    this.#ready.clear();
    this.#wake();
  }

  async #handleUntil(signal: AbortSignal, handle: Handle): Promise<void> {
    while (!signal.aborted && !this.#closed) {
      const message = this.#take();
      if (message === undefined) await this.#arrival(signal);
      else await this.#handle(message, handle);
    }
  }

  async #handle(message: UnitMessage, handle: Handle): Promise<void> {
    try {
      const settlement = await handle(message);
      if (settlement.kind === "again") this.#addLater(message, settlement.delayMs);
    } catch (error) {
      this.#add(message);
      throw error;
    }
  }

  #take(): UnitMessage | undefined {
    for (const [key, message] of this.#ready) {
      this.#ready.delete(key);
      return message;
    }
    return undefined;
  }

  /** Resolves when a message may have arrived, or at the end. */
  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        this.#idle.delete(wake);
        resolve();
      };
      signal.addEventListener("abort", wake);
      this.#idle.add(wake);
    });
  }

  #add(message: UnitMessage): void {
    if (this.#closed) return;
    this.#ready.set(keyOf(message), message);
    this.#wake();
  }

  #addLater(message: UnitMessage, delayMs: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#add(message);
    }, delayMs);
    timer.unref();
    this.#delayed.set(timer, message);
  }

  #cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#delayed.delete(timer);
  }

  #wake(): void {
    const idle = Array.from(this.#idle);
    for (const wake of idle) wake();
  }

  #waiting(): readonly UnitMessage[] {
    return [...this.#ready.values(), ...this.#delayed.values()];
  }

  #checkOpen(): void {
    if (this.#closed) throw new Fault("QUEUE_UNAVAILABLE", "the queue was closed");
  }
}

const keyOf = ({ incarnation, run, node, phase, unit }: UnitMessage): string =>
  JSON.stringify([incarnation, run, node, phase, unit]);

const matches = (message: UnitMessage, { incarnation, run, node }: QueueScope): boolean =>
  (incarnation === undefined || message.incarnation === incarnation) &&
  (run === undefined || message.run === run) &&
  (node === undefined || message.node === node);
