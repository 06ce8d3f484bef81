import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** What common file systems allow for one name. */
const MAX_NAME_BYTES = 255;
const MAX_TOKEN_BYTES = 64;
const EXTENSION = ".tmp";
const DIGEST_DIGITS = 16;
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/** Names too long for a token beside them are cut and told apart by a hash; always the same for the same target. */
function stem(target: string): string {
  const name = basename(target);
  const room = MAX_NAME_BYTES - MAX_TOKEN_BYTES - EXTENSION.length - 2;
  if (Buffer.byteLength(name) <= room) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, DIGEST_DIGITS);
  let cut = name.slice(0, room - digest.length - 1);
  while (Buffer.byteLength(cut) > room - digest.length - 1)
    cut = Array.from(cut).slice(0, -1).join("");
  return `${cut}~${digest}`;
}

/** `.name.<token>.tmp` next to the target. */
export const temporaryPath = (target: string, token: string): string =>
  join(dirname(target), `.${stem(target)}.${token}${EXTENSION}`);

/** The token in the name of a temporary file of the target, undefined for other files. */
export function tokenIn(target: string, name: string): string | undefined {
  const prefix = `.${stem(target)}.`;
  if (!name.startsWith(prefix) || !name.endsWith(EXTENSION)) return undefined;
  const token = name.slice(prefix.length, -EXTENSION.length);
  return TOKEN.test(token) ? token : undefined;
}
