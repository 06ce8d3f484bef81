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

export type SftpSession = Awaited<ReturnType<SftpClient["connect"]>>;

export interface SftpConnection extends SftpAddress {
  /** As messages show it. */
  readonly url: string;
  readonly client: SftpClient;
  readonly session: SftpSession;
  close(): Promise<void>;
}

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
  const client = new SftpClient("capillaries");
  // Later errors reach the request that is under way; without a listener they would end the process.
  client.on("error", () => undefined);
  try {
    const sock = await openSocket(policy, settings, address, place);
    const session = await client.connect({
      sock,
      host: place.host,
      port: place.port,
      username: place.user,
      privateKey,
      ...(passphrase === undefined ? {} : { passphrase }),
      hostVerifier,
      readyTimeout: settings.limits.connectMs,
    });
    return { ...place, url, client, session, close: async () => void (await client.end()) };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw refused ?? passphraseFault(url, error) ?? sftpFault(url, purpose, error);
  }
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
