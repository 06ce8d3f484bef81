import { namedValues } from "./commands/flags.ts";

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

export const PROCESSOR_FLAG = "--processor";

/** `--processor name=module` may stand anywhere before `--`, too, and more than once. */
export function takeProcessors(args: readonly string[]): {
  readonly rest: readonly string[];
  readonly processors: Readonly<Record<string, string>>;
} {
  const rest: string[] = [];
  const pairs: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    if (arg === "--") return { rest: [...rest, ...args.slice(at)], processors: named(pairs) };
    if (arg === PROCESSOR_FLAG) pairs.push(args[(at += 1)] ?? "");
    else if (arg.startsWith(`${PROCESSOR_FLAG}=`)) pairs.push(arg.slice(PROCESSOR_FLAG.length + 1));
    else rest.push(arg);
  }
  return { rest, processors: named(pairs) };
}

const named = (pairs: readonly string[]): Readonly<Record<string, string>> =>
  namedValues("processor", pairs);

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
