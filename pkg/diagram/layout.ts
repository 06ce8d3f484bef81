import { layersOf } from "./layers.ts";
import { adjacencyOf, type Link, type Point, type Size } from "./layout-graph.ts";
import { orderLayers } from "./order.ts";
import { placeSideways } from "./positions.ts";
import { neighboursOf, verticesOf, type Vertices } from "./vertices.ts";

export interface Layout extends Size {
  /** Upper left corner of every box. */
  readonly boxes: readonly Point[];
  readonly links: readonly PlacedLink[];
  /** Vertices that were ordered and placed, waypoints included: what all work is proportional to. */
  readonly vertices: number;
}

/** Consecutive points of one x are joined by a straight line, others by a curve that begins and ends upright. */
export interface PlacedLink {
  readonly points: readonly Point[];
  /** Middle of the label. */
  readonly label: Point;
}

const MOST_WAYPOINTS = 8000;
const MARGIN = 20;
const LABEL_GAP = 14;
/** Least space for lines between two layers, and most, when they go far sideways. */
const LEAST_ROUTING = 36;
const MOST_ROUTING = 160;
const SIDEWAYS_PER_ROUTING = 6;
const ARROW_SPACE = 22;
/** Lookups leave a box beside its middle, so that they can be told from the lines of readers. */
const LOOKUP_SHIFT = 14;
/** A line that is nearly upright begins where it ends. */
const NEARLY_UPRIGHT = 9;
/** Ports keep this distance from the corners of a box. */
const PORT_MARGIN = 14;

/**
 * A layered layout from top to bottom: sources above readers, labels right above the box that the line enters, so that they
 * never overlap. Deterministic; the work is bounded by boxes, links and MOST_WAYPOINTS.
 */
export function layOut(boxes: readonly Size[], links: readonly Link[]): Layout {
  const vertices = verticesOf(layersOf(boxes.length, links), links, MOST_WAYPOINTS);
  const neighbours = neighboursOf(vertices);
  const layers = orderLayers(vertices, neighbours);
  const strips = stripsOf(boxes, links, { vertices, layers });
  const slots = vertices.layer.map((_, vertex) => ({
    width: Math.max(boxes[vertex]?.width ?? 0, strips.widths[vertex] ?? 0),
    isWaypoint: vertex >= boxes.length,
  }));
  const offset = (upper: number, lower: number): number => strips.offsetOf(upper, lower);
  const middles = placeSideways(layers, neighbours, slots, offset);
  const rows = rowsOf({ boxes, links, vertices, strips, middles }, layers);
  const placed = { boxes, links, vertices, strips, middles, rows };
  const width = Math.max(0, ...slots.map((slot, at) => (middles[at] as number) + slot.width / 2));
  return {
    width: Math.ceil(width) + 2 * MARGIN,
    height: Math.ceil(rows.at(-1)?.bottom ?? MARGIN) + MARGIN,
    boxes: boxes.map((box, at) => ({
      x: MARGIN + (middles[at] as number) - box.width / 2,
      y: (rows[vertices.layer[at] as number] as Row).top,
    })),
    links: links.map((_, at) => placeLink(placed, at)),
    vertices: vertices.layer.length,
  };
}

/** The labels above each box, side by side in the order in which their lines come. */
interface Strips {
  readonly widths: readonly number[];
  /** By link: distance of the middle of its label from the middle of its target. */
  readonly offsets: readonly number[];
  /** The same by the two last vertices of its chain; 0 between others. */
  readonly offsetOf: (upper: number, lower: number) => number;
}

interface Ordered {
  readonly vertices: Vertices;
  readonly layers: readonly (readonly number[])[];
}

function stripsOf(
  boxes: readonly Size[],
  links: readonly Link[],
  { vertices, layers }: Ordered,
): Strips {
  const place = new Map(
    layers.flatMap((layer) => layer.map((vertex, at) => [vertex, at] as const)),
  );
  const lastOf = (link: number): number => chainOf(vertices, links, link).at(-2) as number;
  const placeOf = (link: number): number => place.get(lastOf(link)) as number;
  const offsets = links.map(() => 0);
  const byEnds = new Map<string, number>();
  const widths = adjacencyOf(boxes.length, links).into.map((into) => {
    const inOrder = [...into].sort((a, b) => placeOf(a) - placeOf(b) || a - b);
    const total = stripWidth(inOrder, links);
    let at = -total / 2;
    for (const link of inOrder) {
      const half = labelWidth(links[link] as Link) / 2;
      offsets[link] = at + half;
      byEnds.set(`${lastOf(link)} ${links[link]?.to}`, at + half);
      at += 2 * half + LABEL_GAP;
    }
    return total;
  });
  return { widths, offsets, offsetOf: (upper, lower) => byEnds.get(`${upper} ${lower}`) ?? 0 };
}

const LEAST_LABEL = 16;
const labelWidth = ({ label }: Link): number => Math.max(label.width, LEAST_LABEL);

const stripWidth = (inOrder: readonly number[], links: readonly Link[]): number =>
  inOrder.reduce((sum, link) => sum + labelWidth(links[link] as Link) + LABEL_GAP, 0) -
  (inOrder.length > 0 ? LABEL_GAP : 0);

interface Placed {
  readonly boxes: readonly Size[];
  readonly links: readonly Link[];
  readonly vertices: Vertices;
  readonly strips: Strips;
  readonly middles: Float64Array;
}

/** One layer from top to bottom: strip of labels from `labels` to `top`, boxes from `top` to `bottom`. */
interface Row {
  readonly labels: number;
  readonly top: number;
  readonly bottom: number;
}

function rowsOf(placed: Placed, layers: readonly (readonly number[])[]): readonly Row[] {
  const { boxes, links, vertices } = placed;
  const labels = layers.map(() => 0);
  const sideways = layers.map(() => 0);
  for (const [at, link] of links.entries()) {
    const layer = vertices.layer[link.to] as number;
    labels[layer] = Math.max(labels[layer] as number, link.label.height + ARROW_SPACE);
    for (const [below, distance] of sidewaysOf(placed, at))
      sideways[below] = Math.max(sideways[below] as number, distance);
  }
  const rows: Row[] = [];
  let y = MARGIN;
  for (const [at, layer] of layers.entries()) {
    const far = (sideways[at] as number) / SIDEWAYS_PER_ROUTING;
    if (at > 0) y += Math.min(MOST_ROUTING, Math.max(LEAST_ROUTING, far));
    const top = y + (labels[at] as number);
    const bottom = top + Math.max(0, ...layer.map((vertex) => boxes[vertex]?.height ?? 0));
    rows.push({ labels: y, top, bottom });
    y = bottom;
  }
  return rows;
}

/** How far sideways a link goes above each layer. */
function* sidewaysOf(placed: Placed, link: number): Generator<readonly [number, number]> {
  const { vertices, middles, strips, links } = placed;
  const chain = chainOf(vertices, links, link);
  for (let at = 1; at < chain.length; at += 1) {
    const [upper, lower] = [chain[at - 1] as number, chain[at] as number];
    const shift = at === chain.length - 1 ? (strips.offsets[link] as number) : 0;
    const distance = Math.abs((middles[lower] as number) + shift - (middles[upper] as number));
    yield [vertices.layer[lower] as number, distance];
  }
}

function chainOf(vertices: Vertices, links: readonly Link[], link: number): readonly number[] {
  const { from, to } = links[link] as Link;
  return vertices.chains[link] ?? [from, to];
}

function placeLink(placed: Placed & { readonly rows: readonly Row[] }, at: number): PlacedLink {
  const { boxes, links, vertices, strips, middles, rows } = placed;
  const chain = chainOf(vertices, links, at);
  const points: Point[] = [];
  for (const [position, vertex] of chain.slice(0, -1).entries()) {
    const row = rows[vertices.layer[vertex] as number] as Row;
    const x = MARGIN + (middles[vertex] as number);
    const above = position === 0 ? row.top + (boxes[vertex] as Size).height : row.labels;
    points.push({ x, y: above }, { x, y: row.bottom });
  }
  const link = links[at] as Link;
  const row = rows[vertices.layer[link.to] as number] as Row;
  const middle = MARGIN + (middles[link.to] as number);
  const x = middle + (strips.offsets[at] as number);
  const reach = Math.max(0, (boxes[link.to] as Size).width / 2 - PORT_MARGIN);
  const port = Math.min(middle + reach, Math.max(middle - reach, x));
  const underLabel = row.top - ARROW_SPACE;
  points.push(
    { x, y: underLabel - link.label.height },
    { x, y: underLabel },
    { x: port, y: row.top },
  );
  shiftStart(points, link);
  return { points, label: { x, y: underLabel - link.label.height / 2 } };
}

function shiftStart(points: Point[], { isSecondary }: Link): void {
  const [first, second, third] = points as [Point, Point, Point];
  const aside = isSecondary ? LOOKUP_SHIFT * Math.sign(third.x - first.x || 1) : 0;
  const isUpright = Math.abs(third.x - first.x - aside) <= NEARLY_UPRIGHT;
  const x = isUpright ? third.x : first.x + aside;
  points.splice(0, 2, { x, y: first.y }, { x, y: second.y });
}
