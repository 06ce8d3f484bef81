const MAX_SHOWN = 120;

/** A piece of the author's text for a message: quoted, printable, cut where it is long. */
export function shownText(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text);
}

/** `a, b or c` */
export function shownList(words: readonly string[]): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words.slice(-1).join("")}`;
}
