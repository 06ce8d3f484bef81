import type { Link } from "./layout-graph.ts";

/**
 * Boxes and the waypoints of links that pass whole layers. Vertex numbers below the number of boxes are boxes. A link without
 * waypoints though it passes layers is drawn straight, behind the boxes.
 */
export interface Vertices {
  readonly boxes: number;
  /** By vertex. */
  readonly layer: readonly number[];
  /** Vertices of every layer; the order is decided later. */
  readonly layers: readonly (readonly number[])[];
  /** By link: its vertices from source to target; absent: drawn straight. */
  readonly chains: readonly (readonly number[] | undefined)[];
}

/**
 * Gives waypoints to links, shortest first, as long as there are at most `limit` of them. This bounds all later work: a chain
 * of 500 boxes that all look up the first one would need 125,000.
 */
export function verticesOf(
  layerOfBox: readonly number[],
  links: readonly Link[],
  limit: number,
): Vertices {
  const layer = [...layerOfBox];
  const spanOf = ({ from, to }: Link): number => (layer[to] as number) - (layer[from] as number);
  const shortestFirst = [...links.entries()].sort(([, a], [, b]) => spanOf(a) - spanOf(b));
  const chains: (readonly number[] | undefined)[] = links.map(() => undefined);
  let left = limit;
  for (const [at, link] of shortestFirst) {
    const passed = spanOf(link) - 1;
    if (passed > left) break;
    left -= passed;
    const chain = [link.from];
    for (let below = 1; below <= passed; below += 1)
      chain.push(layer.push((layer[link.from] as number) + below) - 1);
    chains[at] = [...chain, link.to];
  }
  const layers: number[][] = Array.from(
    { length: Math.max(0, ...layer.map((n) => n + 1)) },
    () => [],
  );
  for (const [vertex, at] of layer.entries()) layers[at]?.push(vertex);
  return { boxes: layerOfBox.length, layer, layers, chains };
}

/** Neighbours of every vertex in the layer above and below, through the chains. */
export interface Neighbours {
  readonly above: readonly (readonly number[])[];
  readonly below: readonly (readonly number[])[];
}

export function neighboursOf({ layer, chains }: Vertices): Neighbours {
  const above = layer.map((): number[] => []);
  const below = layer.map((): number[] => []);
  for (const chain of chains.filter((one) => one !== undefined))
    for (const [at, lower] of chain.entries()) {
      const upper = chain[at - 1];
      if (upper === undefined) continue;
      below[upper]?.push(lower);
      above[lower]?.push(upper);
    }
  return { above, below };
}
