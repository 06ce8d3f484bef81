import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { OutputFile, TemporaryFile } from "../port.ts";
import { temporaryPath } from "../temporary-name.ts";
import type { S3Address } from "./s3-address.ts";
import { describe, s3Fault } from "./s3-faults.ts";

const PART_BYTES = 8 * 1024 * 1024;
/** Parts grow, so that their number stays below what the store allows. */
const GROWS_EVERY = 1000;

/** Object that names the open upload of a token beside the target, so that any process can find and end it. */
export const markerKey = ({ key }: S3Address, token: string): string => temporaryPath(key, token);

/** Metadata of a published object: the token whose content it is. */
export const TOKEN_METADATA = "capillaries-token";

export interface UploadPlace {
  readonly url: string;
  readonly client: S3Client;
  readonly place: S3Address;
  readonly token: string;
}

/**
 * An open multipart upload: nothing of it is visible before it is completed, which is one request. Memory: two parts, one being
 * filled while the other is on its way.
 */
export class S3Upload implements TemporaryFile {
  readonly #at: UploadPlace;
  readonly #upload: string;
  readonly #parts: string[] = [];
  readonly #hash = createHash("sha256");
  #buffer = new Uint8Array(PART_BYTES);
  #filled = 0;
  #size = 0;
  #sending: Promise<void> = Promise.resolve();

  private constructor(at: UploadPlace, upload: string) {
    this.#at = at;
    this.#upload = upload;
  }

  static async begin(at: UploadPlace): Promise<S3Upload> {
    const { client, place, token, url } = at;
    const target = { Bucket: place.bucket, Key: place.key };
    const marker = { Bucket: place.bucket, Key: markerKey(place, token) };
    let upload: string | undefined;
    try {
      const begun = await client.send(
        new CreateMultipartUploadCommand({ ...target, Metadata: { [TOKEN_METADATA]: token } }),
      );
      upload = begun.UploadId ?? "";
      await client.send(new PutObjectCommand({ ...marker, Body: upload }));
      return new S3Upload(at, upload);
    } catch (error) {
      // Without its marker nobody would ever find it; the first failure is the one to tell.
      if (upload !== undefined) await abortUpload(at, upload).catch(() => undefined);
      client.destroy();
      throw s3Fault(url, "write", error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    for (let from = 0; from < bytes.length;) {
      const part = bytes.subarray(from, from + this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#buffer.length) await this.#send();
    }
  }

  async finish(): Promise<OutputFile> {
    const { url, token, client } = this.#at;
    if (this.#filled > 0 || this.#parts.length === 0) await this.#send();
    await this.#sending;
    client.destroy();
    const upload = { id: this.#upload, parts: this.#parts };
    return { url, token, size: this.#size, sha256: this.#hash.digest("hex"), upload };
  }

  async abandon(): Promise<void> {
    await this.#sending.catch(() => undefined);
    await abortUpload(this.#at, this.#upload);
    this.#at.client.destroy();
  }

  /** Waits for the part before, then sends the next one while its caller goes on. */
  async #send(): Promise<void> {
    await this.#sending;
    const body = this.#buffer.subarray(0, this.#filled);
    const number = this.#parts.push("");
    const growth = 2 ** Math.floor(number / GROWS_EVERY);
    this.#buffer = new Uint8Array(PART_BYTES * growth);
    this.#filled = 0;
    this.#sending = this.#sendPart(body, number);
    // A failure surfaces with the next part or at the end.
    this.#sending.catch(() => undefined);
  }

  async #sendPart(body: Uint8Array, number: number): Promise<void> {
    const { client, place, url } = this.#at;
    const command = new UploadPartCommand({
      Bucket: place.bucket,
      Key: place.key,
      UploadId: this.#upload,
      PartNumber: number,
      Body: body,
    });
    try {
      this.#parts[number - 1] = (await client.send(command)).ETag ?? "";
    } catch (error) {
      throw s3Fault(url, "write", error);
    }
  }
}

/** Ends an upload that nobody will complete, with its marker; what is gone already is fine. */
export async function abortUpload(
  { url, client, place, token }: UploadPlace,
  upload: string,
): Promise<void> {
  const target = { Bucket: place.bucket, Key: place.key };
  try {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId: upload }));
  } catch (error) {
    const { name, status } = describe(error);
    if (name !== "NoSuchUpload" && status !== 404) throw s3Fault(url, "write", error);
  }
  await removeMarker({ url, client, place, token });
}

export async function removeMarker({ url, client, place, token }: UploadPlace): Promise<void> {
  try {
    await client.send(
      new DeleteObjectCommand({ Bucket: place.bucket, Key: markerKey(place, token) }),
    );
  } catch (error) {
    throw s3Fault(url, "write", error);
  }
}

/** The upload that the marker of a token names. */
export async function markedUpload({
  url,
  client,
  place,
  token,
}: UploadPlace): Promise<string | undefined> {
  try {
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: place.bucket, Key: markerKey(place, token) }),
    );
    return await Body?.transformToString();
  } catch (error) {
    if (describe(error).status === 404) return undefined;
    throw s3Fault(url, "write", error);
  }
}
