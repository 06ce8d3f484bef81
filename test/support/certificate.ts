import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** A certificate for 127.0.0.1 that is its own authority. */
export interface Certificate {
  /** PEM files. */
  readonly certificate: string;
  readonly key: string;
  /** Both, as PKCS #12. */
  readonly store: string;
  readonly password: string;
}

const openssl = (...args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr ?? String(error)}`);
};

export function selfSigned(folder: string): Certificate {
  const [certificate, key, store] = ["tls.crt", "tls.key", "tls.p12"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const password = "for-tests";
  const name = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["-keyout", key, "-out", certificate];
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...name, ...made);
  const parts = ["-in", certificate, "-inkey", key, "-out", store];
  openssl("pkcs12", "-export", "-name", "node", ...parts, "-passout", `pass:${password}`);
  return { certificate, key, store, password };
}
