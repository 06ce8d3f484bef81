import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream";
import type { Fault } from "#pkg/fault";
import { shownUrl } from "../address.ts";
import type { AccessPolicy } from "#pkg/security";
import type { FileFacts } from "../port.ts";
import type { ByteStreams } from "../range-file.ts";
import { retrying } from "../retrying.ts";
import type { TransferSettings } from "../settings.ts";
import { openClient, type HttpClient } from "./http-client.ts";
import { changedFault, networkFault, statusFault } from "./http-faults.ts";

const OK = 200;
const PARTIAL = 206;
const NO_SUCH_RANGE = 416;

interface Answer {
  readonly facts: FileFacts;
  readonly hasRanges: boolean;
  readonly body: IncomingMessage;
}

const versionOf = ({ headers }: IncomingMessage): string =>
  headers.etag ?? headers["last-modified"] ?? "";

const isPacked = ({ headers }: IncomingMessage): boolean =>
  /\bgzip\b/i.test(headers["content-encoding"] ?? "");

/** First byte and whole size of an answer that is a part of the content. */
function partOf({ headers }: IncomingMessage): { readonly from: number; readonly total: number } {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers["content-range"] ?? "");
  return { from: Number(match?.[1] ?? Number.NaN), total: Number(match?.[2] ?? Number.NaN) };
}

/** Size, version and whether parts can be asked for, from an answer to a request for a part. */
function answerOf(url: string, body: IncomingMessage): Answer {
  const { statusCode: status = 0, headers } = body;
  const version = versionOf(body);
  const { total } = partOf(body);
  const isPart = status === PARTIAL && !isPacked(body) && !Number.isNaN(total);
  if (isPart || (status === NO_SUCH_RANGE && total === 0))
    return { facts: { size: total, version }, hasRanges: true, body };
  if (status !== OK && status !== PARTIAL) {
    body.destroy();
    throw statusFault(url, status);
  }
  const length = isPacked(body) ? undefined : headers["content-length"];
  return { facts: { size: Number(length ?? -1), version }, hasRanges: false, body };
}

class HttpStreams implements ByteStreams {
  readonly url: string;
  readonly facts: FileFacts;
  readonly hasRanges: boolean;
  readonly #address: string;
  readonly #client: HttpClient;

  constructor(address: string, client: HttpClient, { facts, hasRanges }: Answer) {
    this.url = shownUrl(address);
    this.facts = facts;
    this.hasRanges = hasRanges;
    this.#address = address;
    this.#client = client;
  }

  async stream(from: number, end?: number): Promise<AsyncIterable<Uint8Array>> {
    const last = end === undefined ? "" : Math.min(end, this.facts.size) - 1;
    const range = this.hasRanges ? { range: `bytes=${from}-${last}` } : {};
    const body = await this.#client.get(this.#address, { "accept-encoding": "identity", ...range });
    const problem = this.#problemOf(body, from);
    if (problem === undefined) return bytesOf(this.#address, body);
    body.destroy();
    throw problem;
  }

  #problemOf(body: IncomingMessage, from: number): Fault | undefined {
    const { statusCode: status = 0 } = body;
    const isOther = status === OK || status === NO_SUCH_RANGE;
    if (status !== (this.hasRanges ? PARTIAL : OK))
      return isOther ? changedFault(this.#address) : statusFault(this.#address, status);
    const isSame = versionOf(body) === this.facts.version;
    return isSame && (!this.hasRanges || partOf(body).from === from)
      ? undefined
      : changedFault(this.#address);
  }

  async currentFacts(): Promise<FileFacts> {
    return (await look(this.#address, this.#client)).facts;
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

async function* bytesOf(url: string, body: IncomingMessage): AsyncGenerator<Uint8Array> {
  const unpacked = isPacked(body) ? pipeline(body, createGunzip(), () => undefined) : body;
  try {
    for await (const bytes of unpacked) yield bytes as Uint8Array;
  } catch (error) {
    throw networkFault(url, error);
  } finally {
    body.destroy();
  }
}

/** Asks for the first byte: servers that refuse HEAD answer that too, and it tells whether parts can be had. */
async function look(url: string, client: HttpClient): Promise<Answer> {
  const headers = { "accept-encoding": "identity", range: "bytes=0-0" };
  const answer = answerOf(url, await client.get(url, headers));
  if (answer.hasRanges) answer.body.resume();
  else answer.body.destroy();
  return answer;
}

/** One version of what is behind an http or https address. */
export async function openHttp(
  policy: AccessPolicy,
  settings: TransferSettings,
  url: string,
): Promise<ByteStreams> {
  const client = await openClient(policy, settings, url);
  try {
    const answer = await retrying(settings.limits, () => look(url, client));
    return new HttpStreams(url, client, answer);
  } catch (error) {
    client.close();
    throw error;
  }
}
