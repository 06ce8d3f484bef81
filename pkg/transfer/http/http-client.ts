import { readdir, readFile } from "node:fs/promises";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { join } from "node:path";
import { Fault } from "#pkg/fault";
import type { AccessPolicy } from "#pkg/security";
import { guardedLookup, parseAddress, permitHost, shownUrl } from "../address.ts";
import { readFault } from "../errno.ts";
import type { TransferSettings } from "../settings.ts";
import { networkFault, statusFault } from "./http-faults.ts";

const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface HttpClient {
  /** The answer behind all redirects; its body has not been read. */
  get(url: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage>;
  close(): void;
}

/** A client for one file: a few connections that stay open between requests. */
export async function openClient(
  policy: AccessPolicy,
  settings: TransferSettings,
  url: string,
): Promise<HttpClient> {
  const options = { keepAlive: true, lookup: guardedLookup(policy, url) };
  const ca = settings.caFolder === undefined ? undefined : await authorities(settings.caFolder);
  const agents = {
    "http:": new HttpAgent(options),
    "https:": new HttpsAgent(ca === undefined ? options : { ...options, ca }),
  };
  return {
    get: (wanted, headers) => follow({ policy, settings, agents }, wanted, headers),
    close: () => {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

async function authorities(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).toSorted();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    return texts.filter((text) => text.includes("BEGIN CERTIFICATE"));
  } catch (error) {
    throw readFault(folder, error);
  }
}

interface Client {
  readonly policy: AccessPolicy;
  readonly settings: TransferSettings;
  readonly agents: Readonly<Record<string, HttpAgent>>;
}

/** Every step of a redirection is asked of the policy anew; configured headers go only to the hosts they are meant for. */
async function follow(
  client: Client,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  let next = url;
  for (let step = 0; step <= MAX_REDIRECTS; step++) {
    const address = parseAddress(next);
    if (!Object.hasOwn(client.agents, address.protocol)) throw redirectedAway(url, address);
    permitHost(client.policy, next, address.hostname);
    const own = client.settings.httpHeaders[address.host] ?? {};
    const answer = await send(client, address, { ...own, ...headers });
    const status = answer.statusCode ?? 0;
    if (!REDIRECTS.has(status)) return answer;
    answer.destroy();
    const { location } = answer.headers;
    if (location === undefined) throw statusFault(url, status);
    next = new URL(location, address).href;
  }
  const shown = shownUrl(url);
  throw new Fault(
    "FILE_UNREADABLE",
    `cannot read ${shown}: it is redirected more than ${MAX_REDIRECTS} times`,
    {
      facts: { url: shown },
    },
  );
}

const redirectedAway = (url: string, { protocol }: URL): Fault =>
  new Fault(
    "ACCESS_DENIED",
    `${shownUrl(url)} is redirected to ${protocol}//, which is not followed`,
    {
      facts: { url: shownUrl(url) },
    },
  );

function send(
  { agents, settings }: Client,
  address: URL,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const { connectMs, stallMs } = settings.limits;
  const credentials =
    address.username === ""
      ? {}
      : { auth: `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}` };
  const start = address.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const agent = agents[address.protocol];
    const request = start(address, {
      headers,
      ...(agent === undefined ? {} : { agent }),
      ...credentials,
    });
    const limit = setTimeout(() => {
      request.destroy(new Error(`no answer for ${(connectMs + stallMs) / 1000} s`));
    }, connectMs + stallMs);
    request.once("response", (answer) => {
      clearTimeout(limit);
      // Errors of the body reach whoever reads it; one that nobody reads is no failure.
      answer.on("error", () => undefined);
      resolve(answer);
    });
    request.once("error", (error) => {
      clearTimeout(limit);
      reject(networkFault(address.href, error));
    });
    request.end();
  });
}
