export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line between two boxes, by their positions in the list of boxes. Its label is drawn right above the target. */
export interface Link {
  readonly from: number;
  readonly to: number;
  /** Zero by zero for no label. */
  readonly label: Size;
  /** A lookup rather than the table that is read. */
  readonly isSecondary: boolean;
}

/** Links by box, as positions in the list of links. */
export interface Adjacency {
  readonly into: readonly (readonly number[])[];
  readonly outOf: readonly (readonly number[])[];
}

export function adjacencyOf(boxes: number, links: readonly Pick<Link, "from" | "to">[]): Adjacency {
  const into = Array.from({ length: boxes }, (): number[] => []);
  const outOf = Array.from({ length: boxes }, (): number[] => []);
  for (const [at, { from, to }] of links.entries()) {
    into[to]?.push(at);
    outOf[from]?.push(at);
  }
  return { into, outOf };
}
