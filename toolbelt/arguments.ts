/** The global flag may stand anywhere before `--`; the rest goes to the command. */
export function takeCluster(args: readonly string[]): {
  readonly rest: readonly string[];
  readonly wantsCluster: boolean;
} {
  const end = args.indexOf("--");
  const upTo = end < 0 ? args.length : end;
  const rest = args.filter((arg, at) => at >= upTo || arg !== CLUSTER_FLAG);
  return { rest, wantsCluster: rest.length < args.length };
}

export const CLUSTER_FLAG = "--cluster";

/**
 * Reference users write `-name=value` and `-name value`; both become the double-dash form (design 1). One letter behind one
 * dash stays a short flag, a negative number stays a value.
 */
export const normalizeArguments = (args: readonly string[]): string[] => {
  const end = args.indexOf("--");
  const upTo = end < 0 ? args.length : end;
  return args.map((arg, at) =>
    at < upTo && /^-[A-Za-z][A-Za-z0-9_-]+(=|$)/.test(arg) ? `-${arg}` : arg,
  );
};
