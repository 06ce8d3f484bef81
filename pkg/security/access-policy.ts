import { BlockList, isIP } from "node:net";

/** What a run may touch; plain data, frozen into the run at start. Roots are real folders (links resolved), absolute. */
export interface AccessPolicy {
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
  /** Schemes of addresses; "file" stands for plain paths. */
  readonly schemes: readonly string[];
  /** Hosts that addresses may name: exact names, `*.example.com`, or `*` for every host. Absent: none. */
  readonly hosts?: readonly string[];
  /** Hosts and addresses that may be private ones (loopback, link-local, metadata services…); `*` for all. Absent: none. */
  readonly privateHosts?: readonly string[];
  /** Whether scripts may run code of their own (Python). */
  readonly code: boolean;
}

export type AccessPurpose = "read" | "write";

/** What the user who runs the process may do: the policy of a laptop. */
export const everything: AccessPolicy = {
  readRoots: ["/"],
  writeRoots: ["/"],
  schemes: ["file", "http", "https", "s3", "sftp"],
  hosts: ["*"],
  privateHosts: ["*"],
  code: true,
};

const withSlash = (folder: string): string => (folder.endsWith("/") ? folder : `${folder}/`);

const isPlain = (path: string): boolean =>
  path.startsWith("/") && !path.split("/").some((step) => step === "." || step === "..");

/** `realPath` must be absolute with links resolved; anything else is refused. A root allows itself and what is below it. */
export function isAllowed(policy: AccessPolicy, purpose: AccessPurpose, realPath: string): boolean {
  const roots = purpose === "read" ? policy.readRoots : policy.writeRoots;
  return isPlain(realPath) && roots.some((root) => withSlash(realPath).startsWith(withSlash(root)));
}

const listed = (patterns: readonly string[], host: string): boolean =>
  patterns.some(
    (pattern) =>
      pattern === "*" ||
      pattern === host ||
      (pattern.startsWith("*.") && host.endsWith(pattern.slice(1))),
  );

/** Whether an address may name this host; what it leads to is asked with `isAddressAllowed`. */
export const isHostAllowed = ({ hosts = [] }: AccessPolicy, host: string): boolean =>
  listed(hosts, host.toLowerCase());

const PRIVATE: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];
const PRIVATE_6: readonly (readonly [string, number])[] = [
  ["::", 96],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

const privateRanges = new BlockList();
for (const [net, prefix] of PRIVATE) privateRanges.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of PRIVATE_6) privateRanges.addSubnet(net, prefix, "ipv6");

/** Whether the address that a host's name led to may be connected to: private ranges only when the policy lists host or address. */
export function isAddressAllowed(policy: AccessPolicy, host: string, address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const isPrivate = privateRanges.check(address, family === 4 ? "ipv4" : "ipv6");
  const { privateHosts = [] } = policy;
  return !isPrivate || listed(privateHosts, host.toLowerCase()) || listed(privateHosts, address);
}
