import { Fault, isFault } from "#pkg/fault";

/** TLS could not be agreed on; waiting does not help. */
const CERTIFICATE_CODES = /^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO)/;

/**
 * A reply of the broker to the handshake. The client hands its number on in the text alone (`Handshake terminated by server:
 * 403 (ACCESS-REFUSED)…`), so this is the one place that looks into a text.
 */
const HANDSHAKE_REPLY = /^Handshake terminated by server: (\d{3}) /;
/** It does not say even that much of an answer to the name of the virtual host. */
const NO_SUCH_HOST = /^Expected ConnectionOpenOk; got <ConnectionClose /;
const REFUSALS: Readonly<Record<string, string>> = {
  "403": "user or password is wrong, or the user may not do this",
  "406": "a queue of that name has other properties; name another one in amqp.queue",
  "530": "the virtual host does not exist or the user may not use it",
};

/** What a broker that speaks TLS only does to a connection that begins otherwise, among others; the second has no code. */
const CUT = "ECONNRESET";
const CUT_EARLY = "Socket closed abruptly during opening handshake";
const TLS_HINT =
  "Somebody answers there and ends the connection: if the broker wants TLS, begin amqp.url with amqps.";
const OPENSSL = /^(?:ERR_SSL_|EPROTO)/;
/** What answers does not speak TLS. */
const NO_TLS = "ERR_SSL_WRONG_VERSION_NUMBER";

/** QUEUE_REFUSED for what only a person can change, QUEUE_UNAVAILABLE (retryable) for everything that may pass. */
export function brokerFault(error: unknown, address: string): Fault {
  if (isFault(error)) return error;
  const { code, message } = error as { readonly code?: string | number; readonly message: string };
  const reply = replyCode(code, message);
  const facts = { address };
  const refusal = REFUSALS[reply];
  if (refusal !== undefined)
    return new Fault("QUEUE_REFUSED", `the broker ${address} refuses: ${refusal}`, {
      cause: error,
      facts,
    });
  if (typeof code === "string" && CERTIFICATE_CODES.test(code))
    return new Fault(
      "QUEUE_REFUSED",
      `no secure connection to the broker ${address}: ${securityReason(error)}`,
      { cause: error, facts },
    );
  const isCut = code === CUT || message === CUT_EARLY;
  return new Fault("QUEUE_UNAVAILABLE", `the broker ${address} cannot be reached: ${message}`, {
    cause: error,
    facts,
    retryable: true,
    ...(isCut && address.startsWith("amqp:") ? { hint: TLS_HINT } : {}),
  });
}

/** Messages of OpenSSL name its own source files; the reason beside them is what a person can read. */
function securityReason(error: unknown): string {
  const { code, reason, message } = error as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly message: string;
  };
  if (code === NO_TLS) return "what answers there does not speak TLS, so amqp.url begins with amqp";
  return OPENSSL.test(String(code)) && typeof reason === "string" ? reason : message;
}

function replyCode(code: string | number | undefined, message: string): string {
  if (typeof code === "number") return String(code);
  return NO_SUCH_HOST.test(message) ? "530" : (HANDSHAKE_REPLY.exec(message)?.[1] ?? "");
}
