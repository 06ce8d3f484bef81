import { Fault } from "#pkg/fault";
import { parseAddress, shownUrl } from "../address.ts";

export interface SftpAddress {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** Absolute path on the host. */
  readonly path: string;
}

const DEFAULT_PORT = 22;

/** `sftp://user@host[:port]/absolute/path`; a password in it is ignored (spec/script.md 12). */
export function sftpAddress(url: string): SftpAddress {
  const { username, hostname, port } = parseAddress(
    url.replaceAll("#", "%23").replaceAll("?", "%3F"),
  );
  const path = /^sftp:\/\/[^/]*(\/.*)$/is.exec(url)?.[1] ?? "";
  if (username !== "" && hostname !== "" && path !== "")
    return {
      user: decodeURIComponent(username),
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? DEFAULT_PORT : Number(port),
      path,
    };
  const shown = shownUrl(url);
  throw new Fault("SCHEME_UNSUPPORTED", `${shown} is not of the form sftp://user@host/path`, {
    facts: { url: shown },
  });
}
