import type { Neighbours } from "./vertices.ts";

/** One vertex for placing it sideways. */
export interface Slot {
  readonly width: number;
  /** What lines to other vertices are worth: long lines should be straight before boxes are centred. */
  readonly isWaypoint: boolean;
}

const BETWEEN_BOXES = 30;
const BETWEEN_WAYPOINTS = 16;
const SWEEPS = 8;
const WAYPOINT_WEIGHT = 8;

/** Sideways offset between the middle of an upper vertex and where its line meets the middle of a lower one. */
export type Offset = (upper: number, lower: number) => number;

/**
 * The middle of every vertex, so that lines are as upright as the order and the widths of each layer allow: layer by layer the
 * least squares under these constraints, in sweeps down and up. Linear for each sweep.
 */
export function placeSideways(
  layers: readonly (readonly number[])[],
  neighbours: Neighbours,
  slots: readonly Slot[],
  offset: Offset,
): Float64Array {
  const middles = new Float64Array(slots.length);
  for (const layer of layers) pack(layer, slots, middles);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const sides: Sides = sweep >= SWEEPS - 2 ? "both" : sweep % 2 === 0 ? "above" : "below";
    const wish = wishes({ neighbours, slots, offset, middles }, sides);
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed())
      settle(layer, slots, middles, wish);
  }
  const left = Math.min(0, ...layers.map((layer) => leftEdge(layer, slots, middles)));
  return middles.map((middle) => middle - left);
}

const leftEdge = (
  layer: readonly number[],
  slots: readonly Slot[],
  middles: Float64Array,
): number => {
  const first = layer[0] as number;
  return (middles[first] as number) - (slots[first] as Slot).width / 2;
};

type Sides = "above" | "below" | "both";

interface Placing {
  readonly neighbours: Neighbours;
  readonly slots: readonly Slot[];
  readonly offset: Offset;
  readonly middles: Float64Array;
}

interface Wish {
  readonly at: number;
  readonly weight: number;
}

/** Least distance between the middles of two neighbours of a layer. */
function distance(slots: readonly Slot[], left: number, right: number): number {
  const [a, b] = [slots[left] as Slot, slots[right] as Slot];
  const gap = a.isWaypoint || b.isWaypoint ? BETWEEN_WAYPOINTS : BETWEEN_BOXES;
  return (a.width + b.width) / 2 + gap;
}

function pack(layer: readonly number[], slots: readonly Slot[], middles: Float64Array): void {
  let at = 0;
  for (const [position, vertex] of layer.entries()) {
    const before = layer[position - 1];
    if (before !== undefined) at += distance(slots, before, vertex);
    middles[vertex] = at;
  }
}

function wishes(
  { neighbours, slots, offset, middles }: Placing,
  sides: Sides,
): (vertex: number) => Wish {
  const weightOf = (a: number, b: number): number =>
    slots[a]?.isWaypoint === true && slots[b]?.isWaypoint === true ? WAYPOINT_WEIGHT : 1;
  return (vertex) => {
    let [sum, weights] = [0, 0];
    const pull = (other: number, shift: number): void => {
      const weight = weightOf(vertex, other);
      sum += weight * ((middles[other] as number) + shift);
      weights += weight;
    };
    if (sides !== "below")
      for (const other of neighbours.above[vertex] as readonly number[])
        pull(other, -offset(other, vertex));
    if (sides !== "above")
      for (const other of neighbours.below[vertex] as readonly number[])
        pull(other, offset(vertex, other));
    return weights === 0
      ? { at: middles[vertex] as number, weight: 0.1 }
      : { at: sum / weights, weight: weights };
  };
}

interface Pool {
  sum: number;
  weight: number;
  readonly first: number;
}

/** Isotonic regression: wishes that would overlap are pooled to their weighted mean (pool adjacent violators). */
function settle(
  layer: readonly number[],
  slots: readonly Slot[],
  middles: Float64Array,
  wish: (vertex: number) => Wish,
): void {
  const shifts: number[] = [];
  const pools: Pool[] = [];
  let shift = 0;
  for (const [position, vertex] of layer.entries()) {
    const before = layer[position - 1];
    if (before !== undefined) shift += distance(slots, before, vertex);
    shifts.push(shift);
    const { at, weight } = wish(vertex);
    pools.push({ sum: (at - shift) * weight, weight, first: position });
    mergeBack(pools);
  }
  for (const [at, pool] of pools.entries()) {
    const end = pools[at + 1]?.first ?? layer.length;
    for (let position = pool.first; position < end; position += 1)
      middles[layer[position] as number] = pool.sum / pool.weight + (shifts[position] as number);
  }
}

function mergeBack(pools: Pool[]): void {
  for (;;) {
    const [before, last] = [pools.at(-2), pools.at(-1)];
    if (before === undefined || last === undefined) return;
    if (before.sum / before.weight <= last.sum / last.weight) return;
    before.sum += last.sum;
    before.weight += last.weight;
    pools.pop();
  }
}
