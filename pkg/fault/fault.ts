import { hintOf, type FaultCode } from "./codes.ts";

export interface FaultOptions {
  readonly cause?: unknown;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  /** Machine-readable place and values: file, line, column, node, row… Must survive structured clone. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Replaces the general way out of the code table by a more precise one. */
  readonly hint?: string;
}

/** Every failure raised on purpose; `code` is the only thing callers may branch on. */
export class Fault<Code extends FaultCode = FaultCode> extends Error {
  override readonly name = "Fault";
  readonly code: Code;
  readonly retryable: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
  /** What a person can do next, one sentence. */
  readonly hint: string;

  constructor(code: Code, message: string, options: FaultOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.facts = options.facts ?? {};
    this.hint = options.hint ?? hintOf(code);
  }
}

/** A Fault as plain data: what crosses threads, is stored with a unit and is printed as JSON. */
export interface FaultRecord {
  readonly code: FaultCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

export const isFault = (error: unknown): error is Fault => error instanceof Fault;

/** The Fault that was thrown; anything else is a defect and goes on its way. */
export function onlyFault(error: unknown): Fault {
  if (isFault(error)) return error;
  throw error;
}

/** Anything thrown, as a Fault; what was not raised on purpose becomes INTERNAL with the original as cause. */
export function asFault(error: unknown): Fault {
  if (isFault(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Fault("INTERNAL", message, { cause: error });
}

export function toRecord(error: unknown): FaultRecord {
  const { code, message, hint, retryable, facts } = asFault(error);
  return { code, message, hint, retryable, facts };
}

export function fromRecord(record: FaultRecord): Fault {
  const { code, message, hint, retryable, facts } = record;
  return new Fault(code, message, { hint, retryable, facts });
}
