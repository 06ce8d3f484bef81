import { adjacencyOf, type Adjacency, type Link } from "./layout-graph.ts";

type Ends = Pick<Link, "from" | "to">;

/**
 * The layer of every box, from 0: below all its sources, and a box with more readers than sources right above its nearest
 * reader, so that lines are short. The links have no cycle. Linear.
 */
export function layersOf(boxes: number, links: readonly Ends[]): readonly number[] {
  const adjacency = adjacencyOf(boxes, links);
  const layers = Array.from({ length: boxes }, () => 0);
  const order = sourcesFirst(boxes, links, adjacency);
  for (const box of order)
    for (const to of targets(box, links, adjacency))
      layers[to] = Math.max(layers[to] as number, (layers[box] as number) + 1);
  for (const box of order.toReversed()) {
    const below = targets(box, links, adjacency).map((to) => layers[to] as number);
    if (below.length > (adjacency.into[box] as readonly number[]).length)
      layers[box] = Math.min(...below) - 1;
  }
  return layers;
}

const targets = (box: number, links: readonly Ends[], { outOf }: Adjacency): readonly number[] =>
  (outOf[box] as readonly number[]).map((link) => (links[link] as Ends).to);

function sourcesFirst(
  boxes: number,
  links: readonly Ends[],
  adjacency: Adjacency,
): readonly number[] {
  const missing = adjacency.into.map((into) => into.length);
  const order = Array.from({ length: boxes }, (_, box) => box).filter((box) => missing[box] === 0);
  for (const box of order)
    for (const to of targets(box, links, adjacency)) {
      const left = (missing[to] as number) - 1;
      missing[to] = left;
      if (left === 0) order.push(to);
    }
  return order;
}
