import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import { lookup } from "node:dns";
import { Fault, schemeOf, shownUrl } from "#pkg/fault";
import { isAddressAllowed, isHostAllowed, type AccessPolicy } from "#pkg/security";

export { schemeOf, shownUrl };

/** The parts of an address; SCHEME_UNSUPPORTED for what is none. */
export function parseAddress(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const shown = shownUrl(url);
  throw new Fault("SCHEME_UNSUPPORTED", `${shown} is not a valid address`, {
    facts: { url: shown },
  });
}

const denied = (url: string, why: string): Fault =>
  new Fault("ACCESS_DENIED", `the access policy does not allow to use ${shownUrl(url)}: ${why}`, {
    facts: { url: shownUrl(url) },
  });

const plainHost = (host: string): string => host.replace(/^\[|\]$/g, "");

/** Refuses schemes and hosts that the policy does not allow; an address instead of a name is checked at once. */
export function permitHost(policy: AccessPolicy, url: string, name: string): void {
  const scheme = schemeOf(url);
  const host = plainHost(name);
  if (!policy.schemes.includes(scheme)) throw denied(url, `${scheme}:// is not allowed`);
  if (!isHostAllowed(policy, host)) throw denied(url, `the host ${host} is not allowed`);
  if (isIP(host) !== 0 && !isAddressAllowed(policy, host, host))
    throw denied(url, `${host} is a private address`);
}

/** Resolves names for connections and refuses addresses that the policy does not allow, so that no name leads around it. */
export const guardedLookup =
  (policy: AccessPolicy, url: string): LookupFunction =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, "", 0);
      const bad = found.find(({ address }) => !isAddressAllowed(policy, host, address));
      const [first] = found;
      if (bad !== undefined || first === undefined)
        return done(
          denied(url, `${host} leads to the private address ${bad?.address ?? ""}`),
          "",
          0,
        );
      return options.all === true ? done(null, found) : done(null, first.address, first.family);
    });
  };
