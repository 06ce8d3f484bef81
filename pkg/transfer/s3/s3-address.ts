import type { S3Client } from "@aws-sdk/client-s3";
import { Fault } from "#pkg/fault";
import { shownUrl } from "../address.ts";

export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** The target that a token writes, and what reaches it. */
export interface UploadPlace {
  readonly url: string;
  readonly client: S3Client;
  readonly place: S3Address;
  readonly token: string;
}

const ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/is;

/** `s3://bucket/key`; the key is taken as it is written. */
export function s3Address(url: string): S3Address {
  const match = ADDRESS.exec(url);
  if (match !== null) return { bucket: match[1] as string, key: match[2] as string };
  const shown = shownUrl(url);
  throw new Fault("SCHEME_UNSUPPORTED", `${shown} is not of the form s3://bucket/key`, {
    facts: { url: shown },
  });
}
