import { Fault } from "#pkg/fault";
import type { AccessPolicy } from "#pkg/security";
import { schemeOf, shownUrl } from "./address.ts";
import { isPattern } from "./glob.ts";
import { openLocalFiles } from "./local-files.ts";
import type { Files } from "./port.ts";
import { NO_SETTINGS, type TransferSettings } from "./settings.ts";

type Load = (policy: AccessPolicy, settings: TransferSettings) => Promise<Files>;

const loadHttp: Load = async (policy, settings) =>
  (await import("./http/index.ts")).openHttpFiles(policy, settings);

/** Clients of remote places are loaded by the first address that needs them. */
const SCHEMES: Readonly<Record<string, Load>> = {
  http: loadHttp,
  https: loadHttp,
  s3: async (policy, settings) => (await import("./s3/index.ts")).openS3Files(policy, settings),
  sftp: async (policy, settings) =>
    (await import("./sftp/index.ts")).openSftpFiles(policy, settings),
};

/** Files by URL: plain paths, http(s) (reading only), s3 and sftp. */
export function openFiles(policy: AccessPolicy, settings: TransferSettings = NO_SETTINGS): Files {
  const local = openLocalFiles(policy);
  const opened = new Map<string, Promise<Files>>();
  const filesOf = (url: string): Promise<Files> => {
    const scheme = schemeOf(url);
    if (scheme === "") return Promise.resolve(local);
    const load = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
    if (load === undefined) return Promise.reject(unsupported(url, scheme));
    const known = opened.get(scheme);
    if (known !== undefined) return known;
    const files = load(policy, settings);
    opened.set(scheme, files);
    return files;
  };
  return {
    facts: async (url) => (await filesOf(url)).facts(url),
    readText: async (url) => (await filesOf(url)).readText(url),
    open: async (url, need) => (await filesOf(url)).open(url, need),
    list: async (pattern) =>
      isPattern(pattern) ? (await filesOf(pattern)).list(pattern) : [pattern],
    createTemporary: async (url, token) => (await filesOf(url)).createTemporary(url, token),
    publish: async (output) => (await filesOf(output.url)).publish(output),
    discard: async (output) => (await filesOf(output.url)).discard(output),
    resolve: async (url) => (await filesOf(url)).resolve(url),
    sweepTemporaries: async (url, isDead) => (await filesOf(url)).sweepTemporaries(url, isDead),
  };
}

function unsupported(url: string, scheme: string): Fault {
  const shown = shownUrl(url);
  return new Fault(
    "SCHEME_UNSUPPORTED",
    `${shown}: addresses with ${scheme}:// are not supported`,
    {
      facts: { url: shown, scheme },
    },
  );
}
