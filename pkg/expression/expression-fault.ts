import { Fault } from "#pkg/fault";

/** Error names of the language reference; every Fault of this package carries one as facts.code. */
export type ErrorName =
  | "E-parse"
  | "E-node"
  | "E-op"
  | "E-type"
  | "E-args"
  | "E-func"
  | "E-name"
  | "E-div0"
  | "E-convert"
  | "E-time"
  | "E-regex"
  | "E-agg"
  | "E-nan"
  | "E-result-type";

export function syntaxFault(
  name: ErrorName,
  message: string,
  offset: number,
): Fault<"EXPRESSION_SYNTAX"> {
  return new Fault("EXPRESSION_SYNTAX", message, { facts: { code: name, offset } });
}

export function typeFault(
  name: ErrorName,
  message: string,
  offset: number,
  hint?: string,
): Fault<"EXPRESSION_TYPE"> {
  const facts = { code: name, offset };
  return new Fault("EXPRESSION_TYPE", message, hint === undefined ? { facts } : { facts, hint });
}

export function rowFault(
  name: ErrorName,
  message: string,
  offset: number,
): Fault<"EXPRESSION_ROW"> {
  return new Fault("EXPRESSION_ROW", message, { facts: { code: name, offset } });
}

/** The same failure with more facts (the row, the offset); facts already present stay. */
export function withFacts(fault: Fault, facts: Readonly<Record<string, unknown>>): Fault {
  return new Fault(fault.code, fault.message, {
    facts: { ...facts, ...fault.facts },
    hint: fault.hint,
    retryable: fault.retryable,
    cause: fault.cause,
  });
}

/** A piece of text for a message: quoted, and cut where it is long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
