import { resolve } from "node:path";
import { schemeOf } from "#pkg/transfer";

/** Paths against the folder of the person, addresses as they are. */
export const absoluteUrl = ({ cwd }: { readonly cwd: string }, url: string): string =>
  schemeOf(url) === "" ? resolve(cwd, url) : url;
