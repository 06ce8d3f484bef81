/** How remote places are reached; plain data, so that engine threads can have it. Secrets are values here and nowhere else. */
export interface TransferSettings {
  /** Folder of PEM files that replace the certificate authorities of the system. */
  readonly caFolder?: string;
  /** Headers to send to a host: host → name → value. */
  readonly httpHeaders: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Private key file of each user of SFTP. */
  readonly privateKeys: Readonly<Record<string, string>>;
  /** Passphrase of the private key of a user. */
  readonly passphrases: Readonly<Record<string, string>>;
  /** Files with the keys of hosts, in the format of OpenSSH. */
  readonly knownHosts: readonly string[];
  readonly s3: S3Settings;
  readonly limits: TransferLimits;
  /** Where a copy is kept of what must be read at any position but can't be. */
  readonly spoolFolder: string;
}

export interface S3Settings {
  /** Another store than Amazon's. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Bucket in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** "when_required" for stores that don't know newer checksums. */
  readonly checksums: "when_required" | "when_supported";
}

export interface TransferLimits {
  readonly connectMs: number;
  /** Longest wait for the next bytes. */
  readonly stallMs: number;
  /** Pauses before further attempts; as many attempts without progress are made. */
  readonly retryDelaysMs: readonly number[];
  /** Largest remote input. */
  readonly maxBytes: number;
}

export const DEFAULT_LIMITS: TransferLimits = {
  connectMs: 10_000,
  stallMs: 30_000,
  retryDelaysMs: [200, 1000, 3000],
  maxBytes: Number.MAX_SAFE_INTEGER,
};

/** Nothing configured: public places only. */
export const NO_SETTINGS: TransferSettings = {
  httpHeaders: {},
  privateKeys: {},
  passphrases: {},
  knownHosts: [],
  s3: { pathStyle: false, checksums: "when_required" },
  limits: DEFAULT_LIMITS,
  spoolFolder: "/tmp",
};
