import type { Neighbours, Vertices } from "./vertices.ts";

const SWEEPS = 12;
/** Sweeps without fewer crossings after which no more are made. */
const PATIENCE = 3;

/**
 * The order of the vertices in every layer: every vertex near the middle of its neighbours, by sweeps down and up; the order
 * with the fewest crossings wins. At most SWEEPS times n log n.
 */
export function orderLayers(
  vertices: Vertices,
  neighbours: Neighbours,
): readonly (readonly number[])[] {
  let current = depthFirst(vertices, neighbours);
  let best = current;
  let fewest = crossings(current, neighbours);
  for (let sweep = 0, idle = 0; sweep < SWEEPS && idle < PATIENCE && fewest > 0; sweep += 1) {
    current = swept(current, neighbours, sweep % 2 === 0 ? "above" : "below");
    const count = crossings(current, neighbours);
    idle = count < fewest ? 0 : idle + 1;
    if (count < fewest) [best, fewest] = [current, count];
  }
  return best;
}

/** Trees stay together: vertices in the order in which a walk down from the top layer meets them. */
function depthFirst(
  { layers, layer }: Vertices,
  { above, below }: Neighbours,
): readonly (readonly number[])[] {
  const met = new Set<number>();
  const roots = layers.flat().filter((vertex) => above[vertex]?.length === 0);
  const open = roots.toReversed();
  for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop()) {
    if (met.has(vertex)) continue;
    met.add(vertex);
    open.push(...(below[vertex] as readonly number[]).toReversed());
  }
  const ordered = layers.map((): number[] => []);
  for (const vertex of met) ordered[layer[vertex] as number]?.push(vertex);
  return ordered;
}

function swept(
  layers: readonly (readonly number[])[],
  neighbours: Neighbours,
  side: keyof Neighbours,
): readonly (readonly number[])[] {
  const result = [...layers];
  const place = placesOf(layers);
  const numbered = [...layers.entries()];
  for (const [at, layer] of side === "above" ? numbered : numbered.toReversed()) {
    const sorted = sortedByMiddle(layer, neighbours[side], place);
    result[at] = sorted;
    for (const [position, vertex] of sorted.entries()) place.set(vertex, position);
  }
  return result;
}

const placesOf = (layers: readonly (readonly number[])[]): Map<number, number> =>
  new Map(layers.flatMap((layer) => layer.map((vertex, at): [number, number] => [vertex, at])));

const placesAt = (
  vertices: readonly number[] | undefined,
  place: ReadonlyMap<number, number>,
): readonly number[] =>
  (vertices as readonly number[]).map((vertex) => place.get(vertex) as number);

/** Vertices without neighbours on that side keep their place. */
function sortedByMiddle(
  layer: readonly number[],
  neighbours: readonly (readonly number[])[],
  place: ReadonlyMap<number, number>,
): readonly number[] {
  const moving: { readonly vertex: number; readonly middle: number }[] = [];
  for (const vertex of layer) {
    const places = placesAt(neighbours[vertex], place);
    if (places.length > 0)
      moving.push({ vertex, middle: places.reduce((sum, one) => sum + one, 0) / places.length });
  }
  const isMoving = new Set(moving.map(({ vertex }) => vertex));
  const sorted = moving.sort((a, b) => a.middle - b.middle).values();
  return layer.map((vertex) =>
    isMoving.has(vertex) ? (sorted.next().value as (typeof moving)[number]).vertex : vertex,
  );
}

/** How often lines between neighbouring layers cross; n log n. */
export function crossings(
  layers: readonly (readonly number[])[],
  { below }: Pick<Neighbours, "below">,
): number {
  const place = placesOf(layers);
  let count = 0;
  for (const [at, layer] of layers.entries()) {
    const tree = new CountTree(layers[at + 1]?.length ?? 0);
    for (const vertex of layer) {
      const ends = placesAt(below[vertex], place);
      for (const end of ends) count += tree.above(end);
      for (const end of ends) tree.add(end);
    }
  }
  return count;
}

/** Counts of numbers, and how many are above one (a Fenwick tree). */
class CountTree {
  readonly #sums: Int32Array;
  #total = 0;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
  }

  add(value: number): void {
    this.#total += 1;
    for (let at = value + 1; at < this.#sums.length; at += at & -at)
      this.#sums[at] = (this.#sums[at] as number) + 1;
  }

  above(value: number): number {
    let upTo = 0;
    for (let at = value + 1; at > 0; at -= at & -at) upTo += this.#sums[at] as number;
    return this.#total - upTo;
  }
}
