import { Fault } from "#pkg/fault";
import type { AccessPolicy } from "#pkg/security";
import { shownUrl } from "../address.ts";
import type { Files } from "../port.ts";
import { readingFiles } from "../remote-files.ts";
import type { TransferSettings } from "../settings.ts";
import { openHttp } from "./http-streams.ts";

/** Files at http and https addresses: for reading only. */
export function openHttpFiles(policy: AccessPolicy, settings: TransferSettings): Files {
  const refuse = (url: string): Promise<never> => {
    const shown = shownUrl(url);
    return Promise.reject(
      new Fault("SCHEME_UNSUPPORTED", `${shown}: files cannot be written to http addresses`, {
        facts: { url: shown },
        hint: "Write to a plain path, s3:// or sftp://.",
      }),
    );
  };
  return {
    ...readingFiles((url) => openHttp(policy, settings, url), settings),
    list: (pattern) => Promise.resolve([pattern]),
    createTemporary: refuse,
    publish: ({ url }) => refuse(url),
    discard: ({ url }) => refuse(url),
    resolve: refuse,
    sweepTemporaries: refuse,
  };
}
