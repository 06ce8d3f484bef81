const CONTEXT = 2;
/** Texts that differ in more lines than this are shown as replaced. */
const MOST_CHANGES = 1000;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** The difference of two texts by lines, for people: changed lines with their neighbours; "" when there is none. */
export function lineDiff(before: string, after: string): string {
  const lines = changedLines(before.split("\n"), after.split("\n"));
  const near = (at: number): boolean =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ sign }) => sign !== " ");
  const shown: string[] = [];
  let isCut = false;
  for (const [at, { sign, text }] of lines.entries()) {
    if (near(at)) shown.push(`${isCut ? "…\n" : ""}${sign} ${text}`.trimEnd());
    isCut = !near(at) && shown.length > 0;
  }
  return shown.join("\n");
}

/** Common lines at both ends are set apart, so that what remains is small in practice. */
function changedLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  let first = 0;
  while (first < Math.min(before.length, after.length) && before[first] === after[first])
    first += 1;
  let last = 0;
  const rest = Math.min(before.length, after.length) - first;
  while (last < rest && before.at(-1 - last) === after.at(-1 - last)) last += 1;
  const same = (text: string): Line => ({ sign: " ", text });
  const old = before.slice(first, before.length - last);
  const now = after.slice(first, after.length - last);
  return [
    ...before.slice(0, first).map(same),
    ...middle(old, now),
    ...before.slice(before.length - last).map(same),
  ];
}

function middle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const replaced: readonly Line[] = [
    ...before.map((text) => ({ sign: "-", text }) as const),
    ...after.map((text) => ({ sign: "+", text }) as const),
  ];
  return before.length > MOST_CHANGES || after.length > MOST_CHANGES
    ? replaced
    : commonFirst(before, after);
}

/** Along a longest common subsequence: what is common, before it what was removed and what was added. */
function commonFirst(before: readonly string[], after: readonly string[]): readonly Line[] {
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] as number;
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]];
    if (old !== undefined && old === now) {
      lines.push({ sign: " ", text: old });
      [i, j] = [i + 1, j + 1];
    } else if (old !== undefined && (now === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: old });
      i += 1;
    } else {
      lines.push({ sign: "+", text: now as string });
      j += 1;
    }
  }
  return lines;
}
