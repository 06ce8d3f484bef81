/** A file name for a box: the first three path segments, an ellipsis and the last one (spec/workflow.md 8.3). */
export function shortUrl(url: string): string {
  const segments = url.split("/");
  const kept = url.includes("://") || url.startsWith("/") ? FIRST_SEGMENTS + 1 : FIRST_SEGMENTS;
  if (segments.length <= kept + 1) return url;
  return [...segments.slice(0, kept), "…", ...segments.slice(-1)].join("/");
}

const FIRST_SEGMENTS = 3;

/** Text in lines of at most `width` characters, broken at blanks; what does not fit into `lines` lines ends in an ellipsis. */
export function wrapped(text: string, width: number, lines: number): readonly string[] {
  const result: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const last = result.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      result[result.length - 1] = `${last} ${word}`;
    else result.push(cut(word, width));
  }
  if (result.length <= lines) return result;
  const last = result[lines - 1] as string;
  return [...result.slice(0, lines - 1), `${cut(last, width - 1)}…`];
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;
