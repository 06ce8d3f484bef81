import { connect, type ChannelModel, type ConfirmChannel } from "amqplib";
import type { Fault } from "#pkg/fault";
import type { Log } from "#pkg/log";
import type { BrokerAddress } from "./address.ts";
import { cutAtAlarm } from "./broker-alarm.ts";
import { brokerFault } from "./classify-error.ts";
import { endConnection } from "./end-connection.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** So many attempts make the pause the longest one: a shortage of the broker is not over at once. */
const MANY_ATTEMPTS = Math.ceil(Math.log2(LONGEST_PAUSE_MS / FIRST_PAUSE_MS));

export interface LinkSettings {
  readonly address: BrokerAddress;
  /** Declares what the broker must have; called on every new connection, which may be to an empty broker. */
  readonly declare: (model: ChannelModel) => Promise<void>;
  /** From 0 to 1; spreads the attempts of many processes. */
  readonly random: () => number;
  readonly log: Log;
}

export interface Connected {
  readonly model: ChannelModel;
  readonly publisher: ConfirmChannel;
}

/**
 * One connection that is made again, with growing and spread pauses, for as long as the link is open. What used it fails at
 * once while it is gone; nobody waits for a broker except those who ask to.
 */
export class BrokerLink {
  readonly #settings: LinkSettings;
  readonly #closing = new AbortController();
  readonly #kept: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #connected: Connected | undefined;
  #trouble: Fault | undefined;
  /** Since the last connection that was of use. */
  #attempts = 0;
  /** Of the connection that there is: why it ends, once that is known, and whether it was of no use. */
  #ending: Error | undefined;
  #isUseless = false;
  #since = 0;

  constructor(settings: LinkSettings) {
    this.#settings = settings;
    this.#kept = this.#keep();
  }

  /** Why there is no connection; undefined while there is one. */
  get trouble(): Fault | undefined {
    return this.#connected === undefined ? (this.#trouble ?? this.#fault("not yet")) : undefined;
  }

  /** Throws QUEUE_UNAVAILABLE, or what refused the connection. */
  now(): Connected {
    if (this.#connected !== undefined) return this.#connected;
    throw this.trouble as Fault;
  }

  /** The next connection, or that which is there; undefined once the signal is raised or the link is closed. */
  async next(signal: AbortSignal): Promise<Connected | undefined> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    while (this.#connected === undefined && !ended.aborted) await this.#change(ended);
    return ended.aborted ? undefined : this.#connected;
  }

  /** The outcome of the first attempt: undefined, or why it failed. */
  async first(): Promise<Fault | undefined> {
    while (this.#connected === undefined && this.#trouble === undefined)
      await this.#change(this.#closing.signal);
    return this.trouble;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#connected !== undefined) await endConnection(this.#connected.model);
    await this.#kept;
  }

  /**
   * Tells that a connection does not work although the client has not noticed; a new one is made. When that happens soon after it was
   * made it counts as a failed attempt: what is refused over it, a right that is lacking, will be refused over the next one.
   */
  async lost({ model }: Connected, error: unknown): Promise<void> {
    if (this.#connected?.model !== model) return;
    this.#giveUp(brokerFault(error, this.#settings.address.shown));
    this.#isUseless = performance.now() - this.#since < LONGEST_PAUSE_MS;
    this.#settings.log.warn("the broker connection is given up", { reason: String(error) });
    await endConnection(model);
  }

  #giveUp(reason: Fault): void {
    this.#ending = this.#trouble = reason;
    this.#connected = undefined;
  }

  async #keep(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#attempts += 1;
      try {
        await this.#connectOnce();
      } catch (error) {
        this.#trouble = brokerFault(error, this.#settings.address.shown);
        const { code, message } = this.#trouble;
        this.#settings.log.warn("the broker is not connected", { code, reason: message });
      }
      this.#changed();
      await this.#pause();
    }
    this.#changed();
  }

  /** Resolves when the connection has ended. */
  async #connectOnce(): Promise<void> {
    const { address, declare, log } = this.#settings;
    const model = await connect(address.url, address.options);
    this.#ending = undefined;
    this.#isUseless = false;
    const ended = new Promise<void>((resolve) => {
      model.once("close", () => resolve());
    });
    // What the client reports here also ends the connection; it is kept as the reason.
    model.on("error", (error: Error) => {
      this.#ending = error;
    });
    cutAtAlarm(model, address.shown, (reason) => {
      this.#giveUp(reason);
      this.#attempts = MANY_ATTEMPTS;
      this.#isUseless = true;
    });
    try {
      await declare(model);
      const publisher = await model.createConfirmChannel();
      publisher.on("error", (error: Error) => {
        this.#ending = error;
        void endConnection(model);
      });
      this.#connected = { model, publisher };
      log.info("the broker is connected", { address: address.shown });
      this.#since = performance.now();
      this.#changed();
      if (this.#closing.signal.aborted) await endConnection(model);
      await ended;
      if (!this.#isUseless) this.#attempts = 0;
    } catch (error) {
      await endConnection(model);
      throw this.#ending ?? (error as Error);
    } finally {
      this.#connected = undefined;
    }
    if (!this.#closing.signal.aborted)
      throw this.#ending ?? this.#fault("the connection was closed by the other side");
  }

  #fault(reason: string): Fault {
    return brokerFault(new Error(reason), this.#settings.address.shown);
  }

  #pause(): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#attempts);
    const ms = longest * (0.5 + this.#settings.random() / 2);
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }

  /** Resolves when something about the connection changed, or at the end. */
  #change(ended: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        ended.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      if (ended.aborted) return resolve();
      ended.addEventListener("abort", wake);
      this.#waiting.add(wake);
    });
  }

  #changed(): void {
    const waiting = Array.from(this.#waiting);
    for (const wake of waiting) wake();
  }
}
