/** A file as the author wrote it, with the way from offsets to lines. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** Line and column from 1 of a UTF-16 offset. */
  position(offset: number): { readonly line: number; readonly column: number };
}

/** A byte order mark at the start is not part of the text. */
export function sourceText(file: string, raw: string): SourceText {
  const text = raw.startsWith("\uFEFF") ? raw.slice(1) : raw;
  const starts = lineStarts(text);
  return {
    file,
    text,
    position(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] as number) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] as number) + 1 };
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
