const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;

/** "" for plain paths. */
export const schemeOf = (url: string): string => SCHEME.exec(url)?.[1]?.toLowerCase() ?? "";

/** An address without what may be secret: passwords and query strings. Plain paths are shown as they are. */
export const shownUrl = (url: string): string =>
  schemeOf(url) === ""
    ? url
    : url.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1:…@").replace(/\?.*$/s, "?…");
