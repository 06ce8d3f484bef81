import { join } from "node:path";
import { Fault } from "#pkg/fault";
import { DEFAULT_LIMITS, type TransferSettings } from "#pkg/transfer";
import type { Environment } from "./environment.ts";
import type { InstallationSettings } from "./settings.ts";

/**
 * How remote places are reached: authorities and private keys from the settings, the rest from the environment:
 * CAPI_PRIVATE_KEY_PASSPHRASES, CAPI_KNOWN_HOSTS, CAPI_HTTP_HEADERS, CAPI_S3_ENDPOINT, CAPI_S3_REGION, CAPI_S3_PATH_STYLE,
 * CAPI_S3_CHECKSUMS, CAPI_MAX_DOWNLOAD_MB, CAPI_STALL_SECONDS. A value `secret://NAME` stands for the variable CAPI_SECRET_NAME.
 */
export function transferSettings(
  env: Environment,
  settings: Pick<InstallationSettings, "authoritiesFolder" | "privateKeys">,
): TransferSettings {
  const home = env["HOME"] ?? "";
  const { authoritiesFolder: caFolder } = settings;
  const keys = Object.entries(settings.privateKeys);
  const secret = (value: unknown): string | undefined => revealed(env, text(value));
  const headers = mapOf(env, "CAPI_HTTP_HEADERS", (value) =>
    isRecord(value) ? values(value, secret) : undefined,
  );
  return {
    ...(caFolder === undefined || caFolder === "" ? {} : { caFolder }),
    httpHeaders: headers,
    privateKeys: Object.fromEntries(
      keys.map(([user, path]) => [user, path.replace(/^~(?=\/)/, home)]),
    ),
    passphrases: mapOf(env, "CAPI_PRIVATE_KEY_PASSPHRASES", secret),
    knownHosts: knownHosts(env, home),
    s3: s3Settings(env),
    limits: {
      ...DEFAULT_LIMITS,
      maxBytes: positive(env, "CAPI_MAX_DOWNLOAD_MB", 2 ** 20) ?? DEFAULT_LIMITS.maxBytes,
      stallMs: positive(env, "CAPI_STALL_SECONDS", 1000) ?? DEFAULT_LIMITS.stallMs,
    },
    spoolFolder: env["TMPDIR"] ?? "/tmp",
  };
}

const knownHosts = (env: Environment, home: string): readonly string[] =>
  env["CAPI_KNOWN_HOSTS"]?.split(":").filter((path) => path !== "") ?? [
    join(home, ".ssh", "known_hosts"),
    "/etc/ssh/ssh_known_hosts",
  ];

function s3Settings(env: Environment): TransferSettings["s3"] {
  const checksums = env["CAPI_S3_CHECKSUMS"] ?? "when_required";
  if (checksums !== "when_required" && checksums !== "when_supported")
    throw bad("CAPI_S3_CHECKSUMS", "it is when_required or when_supported");
  const endpoint = env["CAPI_S3_ENDPOINT"];
  if (endpoint !== undefined && !URL.canParse(endpoint))
    throw bad("CAPI_S3_ENDPOINT", "it is an address");
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(env["CAPI_S3_REGION"] === undefined ? {} : { region: env["CAPI_S3_REGION"] }),
    pathStyle: env["CAPI_S3_PATH_STYLE"] === "true",
    checksums,
  };
}

const bad = (name: string, why: string): Fault =>
  new Fault("USAGE", `the variable ${name} cannot be used: ${why}`, { facts: { variable: name } });

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function mapOf<T>(
  env: Environment,
  name: string,
  read: (value: unknown) => T | undefined,
): Readonly<Record<string, T>> {
  const given = env[name];
  if (given === undefined || given === "") return {};
  const map = parsed(given);
  if (!isRecord(map)) throw bad(name, "it is no JSON object");
  const found = values(map, read);
  if (found === undefined) throw bad(name, "a value in it has another form");
  return found;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function values<T>(
  map: Readonly<Record<string, unknown>>,
  read: (value: unknown) => T | undefined,
): Record<string, T> | undefined {
  const entries: [string, T][] = [];
  for (const [key, value] of Object.entries(map)) {
    const found = read(value);
    if (found === undefined) return undefined;
    entries.push([key, found]);
  }
  return Object.fromEntries(entries);
}

/** The value that a reference stands for; anything else is the value itself. */
function revealed(env: Environment, value: string | undefined): string | undefined {
  const name = /^secret:\/\/([A-Za-z0-9_]+)$/.exec(value ?? "")?.[1];
  if (name === undefined) return value;
  const variable = `CAPI_SECRET_${name}`;
  const secret = env[variable];
  if (secret === undefined) throw bad(variable, `it is not set, but secret://${name} names it`);
  return secret;
}

function positive(env: Environment, name: string, factor: number): number | undefined {
  const given = env[name];
  if (given === undefined || given === "") return undefined;
  const value = Number(given);
  if (!(value > 0)) throw bad(name, "it is a number above 0");
  return value * factor;
}
