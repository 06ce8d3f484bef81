import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { AccessPolicy } from "#pkg/security";
import { guardedLookup, permitHost } from "../address.ts";
import type { TransferSettings } from "../settings.ts";

const CONNECTIONS = 8;

/**
 * A client for one bucket. Credentials and region come from where Amazon's own tools look for them, unless the settings say otherwise.
 * The policy is asked for the host that requests go to and for every address it leads to.
 */
export function openS3Client(
  policy: AccessPolicy,
  settings: TransferSettings,
  url: string,
): S3Client {
  const { endpoint, region, pathStyle, checksums } = settings.s3;
  permitHost(policy, url, endpoint === undefined ? "amazonaws.com" : new URL(endpoint).hostname);
  const options = {
    keepAlive: true,
    maxSockets: CONNECTIONS,
    lookup: guardedLookup(policy, url),
  };
  const mode = checksums === "when_required" ? "WHEN_REQUIRED" : "WHEN_SUPPORTED";
  const config: S3ClientConfig = {
    forcePathStyle: pathStyle,
    requestChecksumCalculation: mode,
    responseChecksumValidation: mode,
    // The client would announce a body and send it without waiting for the answer.
    expectContinueHeader: false,
    maxAttempts: settings.limits.retryDelaysMs.length + 1,
    requestHandler: {
      connectionTimeout: settings.limits.connectMs,
      // Otherwise a store that accepts and never answers is waited for without an end.
      socketTimeout: settings.limits.stallMs,
      httpAgent: new HttpAgent(options),
      httpsAgent: new HttpsAgent(options),
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
  return new S3Client(config);
}
