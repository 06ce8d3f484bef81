import { Fault, isFault } from "#pkg/fault";
import { shownUrl } from "../address.ts";

const MISSING = new Set([404, 410]);
const REFUSED = new Set([401, 403, 407]);
/** Answers after which the same request may succeed later. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** An answer that brings no content. */
export function statusFault(url: string, status: number): Fault {
  const shown = shownUrl(url);
  const facts = { url: shown, status };
  const message = `cannot read ${shown}: the server answered ${status}`;
  if (MISSING.has(status)) return new Fault("FILE_MISSING", message, { facts });
  if (REFUSED.has(status)) return new Fault("CREDENTIALS", message, { facts });
  const retryable = PASSING.has(status);
  return new Fault("FILE_UNREADABLE", message, {
    facts,
    retryable,
    hint: retryable
      ? "Start a new run or retry when the server is well again."
      : "Check the address in the script and its parameters.",
  });
}

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** A request or stream that broke. */
export function networkFault(url: string, error: unknown): Fault {
  if (isFault(error)) return error;
  if (error instanceof Error && isFault(error.cause)) return error.cause;
  const shown = shownUrl(url);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error && error.message !== "" ? error.message : code;
  const facts = { url: shown, code };
  if (TLS.test(code))
    return new Fault(
      "FILE_UNREADABLE",
      `cannot read ${shown}: the certificate of the server is not trusted: ${reason}`,
      {
        facts,
        cause: error,
        hint: "Put the certificate of its authority as a PEM file into the folder ca_path.",
      },
    );
  return new Fault("FILE_UNREADABLE", `cannot read ${shown}: ${reason}`, {
    facts,
    cause: error,
    retryable: code !== "ENOTFOUND",
    hint: "Check the address, and that this machine reaches the host.",
  });
}

export const changedFault = (url: string): Fault =>
  new Fault("FILE_CHANGED", `${shownUrl(url)} changed while it was read`, {
    facts: { url: shownUrl(url) },
  });
