import { createHmac } from "node:crypto";

export type HostVerdict = "known" | "unknown" | "other" | "revoked";

interface Line {
  readonly mark: string;
  readonly hosts: string;
  readonly key: string;
}

function linesOf(text: string): readonly Line[] {
  return text.split("\n").flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0]?.startsWith("#") === true) return [];
    const mark = words[0]?.startsWith("@") === true ? (words.shift() as string) : "";
    const [hosts = "", , key = ""] = words;
    return key === "" ? [] : [{ mark, hosts, key }];
  });
}

function isNamed(hosts: string, name: string): boolean {
  if (!hosts.startsWith("|1|")) {
    const patterns = hosts.split(",");
    const fits = (pattern: string): boolean =>
      new RegExp(
        `^${pattern
          .replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", ".")}$`,
      ).test(name);
    return (
      patterns.some((pattern) => !pattern.startsWith("!") && fits(pattern)) &&
      !patterns.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))
    );
  }
  const [, , salt = "", digest = ""] = hosts.split("|");
  const computed = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64");
  return computed === digest;
}

/** What files in OpenSSH's format say about the key that a host shows. */
export function verdictOn(
  texts: readonly string[],
  host: string,
  port: number,
  key: Buffer,
): HostVerdict {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const own = texts.flatMap(linesOf).filter(({ hosts }) => isNamed(hosts, name.toLowerCase()));
  const shown = key.toString("base64");
  const typeOf = (base64: string): string => {
    const bytes = Buffer.from(base64, "base64");
    return bytes.length < 4 ? "" : bytes.toString("latin1", 4, 4 + bytes.readUInt32BE(0));
  };
  const same = own.filter((line) => line.key === shown);
  if (same.some(({ mark }) => mark === "@revoked")) return "revoked";
  if (same.some(({ mark }) => mark === "")) return "known";
  const plain = own.filter(({ mark }) => mark === "");
  return plain.some((line) => typeOf(line.key) === typeOf(shown)) || plain.length > 0
    ? "other"
    : "unknown";
}
