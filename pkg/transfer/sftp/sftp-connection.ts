import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import SftpClient from "ssh2-sftp-client";
import { Fault } from "#pkg/fault";
import type { AccessPolicy } from "#pkg/security";
import { guardedLookup, permitHost, shownUrl } from "../address.ts";
import { isMissing, readFault } from "../errno.ts";
import type { TransferSettings } from "../settings.ts";
import { verdictOn, type HostVerdict } from "./known-hosts.ts";
import { sftpAddress, type SftpAddress } from "./sftp-address.ts";
import { sftpFault } from "./sftp-faults.ts";

/** Its types do not know the listeners. */
const SilentClient = SftpClient as unknown as new (
  name: string,
  listeners: Readonly<Record<"error" | "end" | "close", () => void>>,
) => SftpClient;

export type SftpSession = Awaited<ReturnType<SftpClient["connect"]>>;

export interface SftpConnection extends SftpAddress {
  /** As messages show it. */
  readonly url: string;
  readonly client: SftpClient;
  readonly session: SftpSession;
  /** Rejects when the connection breaks. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/** Unanswered ones after which a connection counts as dead. */
const SIGNS_OF_LIFE = 3;

/** A connection to the host of an address, with its key checked. */
export async function openConnection(
  policy: AccessPolicy,
  settings: TransferSettings,
  address: string,
  purpose: "read" | "write",
): Promise<SftpConnection> {
  const place = sftpAddress(address);
  const url = shownUrl(address);
  permitHost(policy, address, place.host);
  const privateKey = await keyOf(settings, place.user, url);
  const knownHosts = await Promise.all(settings.knownHosts.map(readKnownHosts));
  let refused: Fault | undefined;
  const hostVerifier = (key: Buffer): boolean => {
    const verdict = verdictOn(knownHosts, place.host, place.port, key);
    if (verdict !== "known") refused = hostKeyFault(url, place, verdict);
    return verdict === "known";
  };
  const passphrase = settings.passphrases[place.user];
  const { client, lost } = openClient();
  let sock: Socket | undefined;
  try {
    sock = await openSocket(policy, settings, address, place);
    const session = await client.connect({
      sock,
      host: place.host,
      port: place.port,
      username: place.user,
      privateKey,
      ...(passphrase === undefined ? {} : { passphrase }),
      hostVerifier,
      readyTimeout: settings.limits.connectMs,
      // Otherwise a host that goes silent is waited for without an end.
      keepaliveInterval: Math.ceil(settings.limits.stallMs / SIGNS_OF_LIFE),
      keepaliveCountMax: SIGNS_OF_LIFE,
    });
    return { ...place, url, client, session, lost, close: async () => void (await client.end()) };
  } catch (error) {
    await client.end().catch(() => undefined);
    // The client leaves it open when it fails before it has used it, as for a key that it cannot read.
    sock?.destroy();
    throw refused ?? passphraseFault(url, error) ?? sftpFault(url, purpose, error);
  }
}

/** A client that prints nothing; by default it writes to stdout and stderr when a connection ends. */
function openClient(): Pick<SftpConnection, "client" | "lost"> {
  const nothing = (): void => undefined;
  const client = new SilentClient("capillaries", { error: nothing, end: nothing, close: nothing });
  const lost = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new Error("the connection to the host was closed")));
  });
  lost.catch(nothing);
  return { client, lost };
}

/** A request of the protocol: its answer, or the end of the connection, after which no answer comes any more. */
export function answered<T>(
  { lost }: SftpConnection,
  ask: (done: (error?: Error | null, found?: T) => void) => void,
): Promise<T> {
  const answer = new Promise<T>((resolve, reject) => {
    ask((error, found) => {
      if (error === undefined || error === null) resolve(found as T);
      else reject(error);
    });
  });
  return Promise.race([answer, lost]);
}

/** Small writes would wait for each other's acknowledgement: 1 MB/s instead of 100. */
function openSocket(
  policy: AccessPolicy,
  settings: TransferSettings,
  url: string,
  { host, port }: SftpAddress,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, lookup: guardedLookup(policy, url) });
    socket.setTimeout(settings.limits.connectMs, () => {
      socket.destroy(new Error(`no connection after ${settings.limits.connectMs / 1000} s`));
    });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

async function keyOf(settings: TransferSettings, user: string, url: string): Promise<Buffer> {
  const path = settings.privateKeys[user];
  if (path === undefined)
    throw new Fault("CREDENTIALS", `${url}: no private key is configured for the user ${user}`, {
      facts: { url, user },
      hint: "Name the key file of the user in private_keys (CAPI_PRIVATE_KEYS).",
    });
  try {
    return await readFile(path);
  } catch (error) {
    throw readFault(path, error);
  }
}

async function readKnownHosts(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return "";
    throw readFault(path, error);
  }
}

const VERDICTS = {
  unknown: "is in no known_hosts file",
  other:
    "is another one than known_hosts says: the host was set up anew, or somebody is in between",
  revoked: "was revoked",
} as const satisfies Record<Exclude<HostVerdict, "known">, string>;

const hostKeyFault = (
  url: string,
  { host, port }: SftpAddress,
  verdict: Exclude<HostVerdict, "known">,
): Fault =>
  new Fault("HOST_KEY", `${url}: the key of ${host}:${port} ${VERDICTS[verdict]}`, {
    facts: { url, host, port, verdict },
  });

function passphraseFault(url: string, error: unknown): Fault | undefined {
  const message = error instanceof Error ? error.message : "";
  if (!/privateKey|passphrase|private key/i.test(message)) return undefined;
  return new Fault("CREDENTIALS", `${url}: the private key cannot be used: ${message}`, {
    facts: { url },
    cause: error,
    hint: "Give the passphrase of an encrypted key, or another key file.",
  });
}
