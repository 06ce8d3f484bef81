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
