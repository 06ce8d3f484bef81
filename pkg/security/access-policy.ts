/** What a run may touch; plain data, frozen into the run at start. Roots are real folders (links resolved), absolute. */
export interface AccessPolicy {
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
  /** Schemes of addresses; "file" stands for plain paths. */
  readonly schemes: readonly string[];
  /** Whether scripts may run code of their own (Python). */
  readonly code: boolean;
}

export type AccessPurpose = "read" | "write";

/** What the user who runs the process may do: the policy of a laptop. */
export const everything: AccessPolicy = {
  readRoots: ["/"],
  writeRoots: ["/"],
  schemes: ["file"],
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
