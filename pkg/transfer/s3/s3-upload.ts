import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { OutputFile, TemporaryFile } from "../port.ts";
import { temporaryPath } from "../temporary-name.ts";
import type { S3Address, UploadPlace } from "./s3-address.ts";
import { describe, s3Fault } from "./s3-faults.ts";
import { S3Parts } from "./s3-parts.ts";

/** Object that names the open upload of a token beside the target, so that any process can find and end it. */
export const markerKey = ({ key }: S3Address, token: string): string => temporaryPath(key, token);

/** Metadata of a published object: the token whose content it is. */
export const TOKEN_METADATA = "capillaries-token";

/** An open multipart upload: nothing of it is visible before it is completed, which is one request. Memory: that of its parts. */
export class S3Upload implements TemporaryFile {
  readonly #at: UploadPlace;
  readonly #upload: string;
  readonly #parts: S3Parts;
  readonly #hash = createHash("sha256");
  #size = 0;

  private constructor(at: UploadPlace, upload: string) {
    this.#at = at;
    this.#upload = upload;
    this.#parts = new S3Parts(at, upload);
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
    await this.#parts.write(bytes);
  }

  async finish(): Promise<OutputFile> {
    const { url, token, client } = this.#at;
    const upload = { id: this.#upload, parts: await this.#parts.end() };
    client.destroy();
    return { url, token, size: this.#size, sha256: this.#hash.digest("hex"), upload };
  }

  async abandon(): Promise<void> {
    await this.#parts.settled();
    await abortUpload(this.#at, this.#upload);
    this.#at.client.destroy();
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
