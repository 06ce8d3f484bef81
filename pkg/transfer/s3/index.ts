import {
  CompleteMultipartUploadCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { AccessPolicy } from "#pkg/security";
import { shownUrl } from "../address.ts";
import { matcher, plainPrefix } from "../glob.ts";
import type { Files, OutputFile } from "../port.ts";
import { readingFiles } from "../remote-files.ts";
import type { TransferSettings } from "../settings.ts";
import { tokenIn } from "../temporary-name.ts";
import { s3Address, type UploadPlace } from "./s3-address.ts";
import { openS3Client } from "./s3-client.ts";
import { describe, s3Fault } from "./s3-faults.ts";
import { openS3Streams } from "./s3-streams.ts";
import { abortUpload, markedUpload, removeMarker, S3Upload, TOKEN_METADATA } from "./s3-upload.ts";

/** Objects of Amazon S3 and of stores that speak its protocol. A temporary object is an open multipart upload to the target. */
export function openS3Files(policy: AccessPolicy, settings: TransferSettings): Files {
  const clientFor = (url: string): S3Client => openS3Client(policy, settings, url);
  const withUpload = async <T>(
    { url, token }: Pick<OutputFile, "url" | "token">,
    work: (at: UploadPlace) => Promise<T>,
  ): Promise<T> => {
    const at = { url: shownUrl(url), token, place: s3Address(url), client: clientFor(url) };
    try {
      return await work(at);
    } finally {
      at.client.destroy();
    }
  };
  return {
    ...readingFiles((url) => openS3Streams(url, clientFor(url), s3Address(url)), settings),
    list: (pattern) => withUpload({ url: pattern, token: "" }, listMatches),
    createTemporary: (url, token) =>
      S3Upload.begin({ url, token, place: s3Address(url), client: clientFor(url) }),
    publish: (output) => withUpload(output, (at) => complete(at, output)),
    discard: (output) =>
      withUpload(output, async (at) => {
        const upload = await markedUpload(at);
        if (upload !== undefined) await abortUpload(at, upload);
      }),
    resolve: (url) => {
      const { bucket, key } = s3Address(url);
      return Promise.resolve(`s3://${bucket}/${key}`);
    },
    sweepTemporaries: (url, isDead) => withUpload({ url, token: "" }, (at) => sweep(at, isDead)),
  };
}

/** Keys with a prefix, in their order. */
async function* keysOf(
  { client, url }: Pick<UploadPlace, "client" | "url">,
  bucket: string,
  prefix: string,
): AsyncGenerator<string> {
  let next: string | undefined;
  do {
    const page = await client
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next }))
      .catch((error: unknown) => {
        throw s3Fault(url, "read", error);
      });
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (next !== undefined);
}

async function listMatches(at: UploadPlace): Promise<readonly string[]> {
  const { bucket, key } = at.place;
  const fits = matcher(key);
  const found: string[] = [];
  for await (const name of keysOf(at, bucket, plainPrefix(key)))
    if (fits(name)) found.push(`s3://${bucket}/${name}`);
  return found;
}

/** Ends the uploads of a target whose tokens are dead. */
async function sweep(at: UploadPlace, isDead: (token: string) => boolean): Promise<void> {
  const { bucket, key } = at.place;
  const folder = key.slice(0, key.lastIndexOf("/") + 1);
  for await (const name of keysOf(at, bucket, `${folder}.`)) {
    const token = tokenIn(key, name.slice(folder.length));
    if (token === undefined || !isDead(token)) continue;
    const dead = { ...at, token };
    const upload = await markedUpload(dead);
    if (upload !== undefined) await abortUpload(dead, upload);
  }
}

/** One request makes the object visible; repeated, it finds the upload gone and the token of the output at the target. */
async function complete(at: UploadPlace, output: OutputFile): Promise<"published" | "lost"> {
  const { id = "", parts = [] } = output.upload ?? {};
  const command = new CompleteMultipartUploadCommand({
    Bucket: at.place.bucket,
    Key: at.place.key,
    UploadId: id,
    MultipartUpload: { Parts: parts.map((ETag, part) => ({ ETag, PartNumber: part + 1 })) },
  });
  try {
    await at.client.send(command);
  } catch (error) {
    if (!(await isPublished(at, output))) {
      const { name, status } = describe(error);
      if (name === "NoSuchUpload" || name === "InvalidPart" || status === 404) return "lost";
      throw s3Fault(at.url, "write", error);
    }
  }
  await removeMarker(at);
  return "published";
}

async function isPublished(
  { client, place, token, url }: UploadPlace,
  { size }: OutputFile,
): Promise<boolean> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: place.bucket, Key: place.key }));
    return head.ContentLength === size && head.Metadata?.[TOKEN_METADATA] === token;
  } catch (error) {
    if (describe(error).status === 404) return false;
    throw s3Fault(url, "write", error);
  }
}
