import type { RunSource } from "./merge-runs.ts";
import type { Segment, SegmentReader } from "./segments.ts";

/** One source a run, in run order. */
export function runsOf(reader: SegmentReader, segments: readonly Segment[]): readonly RunSource[] {
  const runs = new Map<number, Segment[]>();
  for (const segment of segments.toSorted((a, b) => a.run - b.run || a.seq - b.seq)) {
    const run = runs.get(segment.run);
    if (run === undefined) runs.set(segment.run, [segment]);
    else run.push(segment);
  }
  return Array.from(runs.values(), (own) => {
    let at = 0;
    return {
      next: () => {
        const segment = own[at++];
        return segment === undefined ? Promise.resolve(undefined) : reader.read(segment);
      },
    };
  });
}
