import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { shownUrl } from "../address.ts";
import type { FileFacts } from "../port.ts";
import type { ByteStreams } from "../range-file.ts";
import type { S3Address } from "./s3-address.ts";
import { describe, s3Fault } from "./s3-faults.ts";

/** Size and ETag of an object. */
async function factsOf(client: S3Client, { bucket, key }: S3Address): Promise<FileFacts> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return { size: head.ContentLength ?? -1, version: head.ETag ?? "" };
  } catch (error) {
    // Answers about objects have no body that would tell a missing bucket from a missing object.
    if (describe(error).status === 404)
      await client.send(new HeadBucketCommand({ Bucket: bucket })).catch((missing: unknown) => {
        if (describe(missing).status === 404)
          throw Object.assign(new Error(), { name: "NoSuchBucket" });
      });
    throw error;
  }
}

class S3Streams implements ByteStreams {
  readonly url: string;
  readonly facts: FileFacts;
  readonly hasRanges = true;
  readonly #client: S3Client;
  readonly #place: S3Address;

  constructor(url: string, client: S3Client, place: S3Address, facts: FileFacts) {
    this.url = shownUrl(url);
    this.facts = facts;
    this.#client = client;
    this.#place = place;
  }

  async stream(from: number, end?: number): Promise<AsyncIterable<Uint8Array>> {
    const { bucket, key } = this.#place;
    const last = Math.min(end ?? this.facts.size, this.facts.size) - 1;
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      Range: `bytes=${from}-${last}`,
      ...(this.facts.version === "" ? {} : { IfMatch: this.facts.version }),
    });
    try {
      const { Body, ETag = "" } = await this.#client.send(command);
      // Not every store looks at IfMatch.
      if (ETag !== this.facts.version)
        throw Object.assign(new Error(), { name: "PreconditionFailed" });
      return translated(this.url, Body as AsyncIterable<Uint8Array>);
    } catch (error) {
      throw s3Fault(this.url, "read", error);
    }
  }

  async currentFacts(): Promise<FileFacts> {
    try {
      return await factsOf(this.#client, this.#place);
    } catch (error) {
      throw s3Fault(this.url, "read", error);
    }
  }

  close(): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }
}

async function* translated(
  url: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw s3Fault(url, "read", error);
  }
}

/** One version of an object; the client belongs to it. */
export async function openS3Streams(
  url: string,
  client: S3Client,
  place: S3Address,
): Promise<ByteStreams> {
  try {
    return new S3Streams(url, client, place, await factsOf(client, place));
  } catch (error) {
    client.destroy();
    throw s3Fault(shownUrl(url), "read", error);
  }
}
