import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { has, printedBy, succeeds } from "./child.ts";

/** A command as it is or as it is run somewhere else. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}
export type Place = (command: string, args: readonly string[]) => Command;

export const here: Place = (command, args) => ({ command, args });

/**
 * A release of Debian other than this machine's with one package of it, in a folder of the cache: for services that this release
 * has too old or too new. Throws with what is missing.
 */
export function debianRoot(suite: string, name: string): string {
  return cached(`debian-${suite}-${name}`, (folder) => {
    const isRoot = process.getuid?.() === 0;
    if (!isRoot) throw new Error(`${name} of Debian ${suite} can be installed by root only`);
    if (!has("debootstrap") && !succeeds("apt-get", ["install", "-y", "-q", "debootstrap"], "/"))
      throw new Error("the Debian package debootstrap is missing");
    const options = ["--variant=minbase", `--include=${name}`, suite, folder, ...mirror()];
    // In a mount namespace of its own, so that nothing stays mounted in the folder when it is interrupted.
    if (!succeeds("unshare", ["--mount", "debootstrap", ...options], "/"))
      throw new Error(`${name} of Debian ${suite} could not be installed`);
    writeFileSync(join(folder, "etc", "hosts"), "127.0.0.1 localhost\n");
  });
}

/** Where this machine gets its own packages from. */
function mirror(): readonly string[] {
  const targets = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
  const addresses = printedBy("apt-get", [...targets, "Origin: Debian", "Label: Debian"]);
  return addresses.trim().split("\n", 1).filter(Boolean);
}

/** Becomes the command, so its process id is the command's; mounts end with the process. */
const ENTER = `
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --bind "$1" "$root$1"; shift; done
shift
exec chroot "$root" "$@"
`;

/** Runs commands with that root; they see the shared folders of this machine under the same paths. */
export const inside =
  (root: string, shared: readonly string[]): Place =>
  (command, args) => ({
    command: "unshare",
    args: ["--mount", "sh", "-c", ENTER, "sh", root, ...shared, "--", command, ...args],
  });
