import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** An authority and what it issued, in PEM files. */
export interface Certificate {
  readonly authority: string;
  /** For 127.0.0.1 by that address only; no name is in it. */
  readonly certificate: string;
  readonly key: string;
  /** Certificate and key as PKCS #12. */
  readonly store: string;
  readonly password: string;
}

const openssl = (...args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr ?? String(error)}`);
};

const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"] as const;

/** The PEM file of an authority that is new. */
export function newAuthority(folder: string, name: string): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)] as const;
  openssl(...request, "-subj", `/CN=${name}`, "-keyout", key, "-out", certificate);
  return { certificate, key };
}

export function issuedCertificate(folder: string): Certificate {
  const authority = newAuthority(folder, "authority");
  const [certificate, key, store] = ["tls.crt", "tls.key", "tls.p12"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const password = "for-tests";
  const by = ["-CA", authority.certificate, "-CAkey", authority.key];
  const name = ["-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1"];
  const leaf = ["-addext", "basicConstraints=critical,CA:FALSE"];
  openssl(...request, ...by, ...name, ...leaf, "-keyout", key, "-out", certificate);
  const parts = ["-in", certificate, "-inkey", key, "-out", store];
  openssl("pkcs12", "-export", "-name", "node", ...parts, "-passout", `pass:${password}`);
  return { authority: authority.certificate, certificate, key, store, password };
}
