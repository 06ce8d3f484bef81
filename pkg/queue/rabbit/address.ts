import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Fault } from "#pkg/fault";

export interface BrokerAddress {
  /** What the client is given; with the password. */
  readonly url: string;
  readonly options: { readonly timeout: number; readonly ca?: Buffer[] };
  /** For people: without user and password. */
  readonly shown: string;
}

const CONNECT_MS = 5000;
/** Twice this without a sign of life ends a connection, so a frozen broker is noticed. */
const HEARTBEAT_SECONDS = 5;

/** Throws CONFIG_INVALID when the text is no address of a broker or the authority cannot be read. */
export function brokerAddress(text: string, authorityPath?: string): BrokerAddress {
  const url = parsed(text);
  if (!url.searchParams.has("heartbeat"))
    url.searchParams.set("heartbeat", String(HEARTBEAT_SECONDS));
  const port = url.port || (url.protocol === "amqps:" ? "5671" : "5672");
  return {
    url: url.href,
    options: {
      timeout: CONNECT_MS,
      ...(authorityPath === undefined ? {} : { ca: [authority(authorityPath)] }),
    },
    shown: `${url.protocol}//${url.hostname}:${port}${url.pathname}`,
  };
}

function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^amqps?:$/.test(url.protocol) && url.hostname !== "") return url;
  throw new Fault(
    "CONFIG_INVALID",
    "the setting amqp.url is no address of a broker: it must be like amqp://user:password@host:5672/vhost",
  );
}

function authority(path: string): Buffer {
  try {
    const text = readFileSync(path);
    void new X509Certificate(text); // the client would take anything, trust nobody, and call it a broken connection
    return text;
  } catch (error) {
    const isUnread = (error as NodeJS.ErrnoException).syscall !== undefined;
    const problem = isUnread ? "which cannot be read" : "which holds no certificate in PEM";
    throw new Fault("CONFIG_INVALID", `the setting amqp.ca_path names ${path}, ${problem}`, {
      cause: error,
    });
  }
}
