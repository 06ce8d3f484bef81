import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layersOf } from "./layers.ts";
import { layOut, type Layout } from "./layout.ts";
import type { Link, Point, Size } from "./layout-graph.ts";
import { crossings, orderLayers } from "./order.ts";
import { neighboursOf, verticesOf } from "./vertices.ts";

const NOTHING: Size = { width: 0, height: 0 };
const box: Size = { width: 200, height: 90 };
const boxes = (count: number): readonly Size[] => Array.from({ length: count }, () => box);
const link = (from: number, to: number, label: Size = NOTHING): Link => ({
  from,
  to,
  label,
  isSecondary: label.width > 100,
});

/** Every box but the first has a source and, sometimes, a second one before it, as nodes of a script have. */
const graphs = fc
  .array(fc.tuple(fc.nat(), fc.option(fc.nat())), { maxLength: 40 })
  .map((sources) => ({
    count: sources.length + 1,
    links: sources.flatMap(([reader, lookup], at) => [
      link(reader % (at + 1), at + 1, { width: 80, height: 20 }),
      ...(lookup === null ? [] : [link(lookup % (at + 1), at + 1, { width: 120, height: 40 })]),
    ]),
  }));

interface Rectangle extends Size {
  readonly x: number;
  readonly y: number;
}

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x + a.width > b.x + 0.01 &&
  b.x + b.width > a.x + 0.01 &&
  a.y + a.height > b.y + 0.01 &&
  b.y + b.height > a.y + 0.01;

const rectangles = (layout: Layout, links: readonly Link[]): readonly Rectangle[] => [
  ...layout.boxes.map((corner) => ({ ...corner, ...box })),
  ...layout.links.map(({ label }, at) => {
    const size = links[at]?.label ?? NOTHING;
    return { x: label.x - size.width / 2, y: label.y - size.height / 2, ...size };
  }),
];

const isInside = (corner: Point, { x, y }: Point): boolean =>
  overlap({ ...corner, ...box }, { x, y, width: 0.02, height: 0.02 });

describe("a layout", () => {
  test("never lets boxes or labels overlap, and stays inside its frame", () => {
    fc.assert(
      fc.property(graphs, ({ count, links }) => {
        const layout = layOut(boxes(count), links);
        const all = rectangles(layout, links);
        for (const [at, one] of all.entries()) {
          for (const other of all.slice(at + 1)) expect(overlap(one, other)).toBe(false);
          expect(one.x).toBeGreaterThanOrEqual(0);
          expect(one.y).toBeGreaterThanOrEqual(0);
          expect(one.x + one.width).toBeLessThanOrEqual(layout.width);
          expect(one.y + one.height).toBeLessThanOrEqual(layout.height);
        }
      }),
    );
  });

  test("draws every line downwards from its source to its target, around other boxes", () => {
    fc.assert(
      fc.property(graphs, ({ count, links }) => {
        const layout = layOut(boxes(count), links);
        for (const [at, { from, to }] of links.entries()) {
          const points = layout.links[at]?.points ?? [];
          const heights = points.map(({ y }) => y);
          expect(heights).toEqual([...heights].sort((a, b) => a - b));
          expect(points[0]?.y).toBe((layout.boxes[from]?.y ?? 0) + box.height);
          expect(points.at(-1)?.y).toBe(layout.boxes[to]?.y);
          const others = layout.boxes.filter((_, other) => other !== from && other !== to);
          expect(others.some((corner) => points.some((one) => isInside(corner, one)))).toBe(false);
        }
      }),
    );
  });

  test("is the same for the same graph, and nothing for nothing", () => {
    const links = [link(0, 1), link(0, 2), link(1, 3), link(2, 3)];
    expect(layOut(boxes(4), links)).toEqual(layOut(boxes(4), links));
    expect(layOut([], [])).toMatchObject({ boxes: [], links: [], width: 40 });
  });

  test("puts a box that several read right above the first of them, and one reader right below its source", () => {
    // 0 → 1 → 2 → 3, and 4 is looked up by 3 only
    expect(layersOf(5, [link(0, 1), link(1, 2), link(2, 3), link(4, 3)])).toEqual([0, 1, 2, 3, 2]);
  });

  test("centres a source over its readers", () => {
    const layout = layOut(boxes(3), [link(0, 1), link(0, 2)]);
    const [top, left, right] = layout.boxes.map(({ x }) => x);
    expect(top).toBeCloseTo(((left ?? 0) + (right ?? 0)) / 2, 0);
  });

  test("takes out crossings", () => {
    // two trees whose readers are named crosswise
    const links = [link(0, 3), link(1, 2), link(0, 5), link(1, 4)];
    const vertices = verticesOf(layersOf(6, links), links, 100);
    const neighbours = neighboursOf(vertices);
    expect(
      crossings(
        [
          [0, 1],
          [2, 3, 4, 5],
        ],
        neighbours,
      ),
    ).toBe(3);
    expect(crossings(orderLayers(vertices, neighbours), neighbours)).toBe(0);
  });
});

describe("T-21 the work of a layout is bounded", () => {
  const chain = (count: number): readonly Link[] =>
    Array.from({ length: count - 1 }, (_, at) => link(at, at + 1));
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state % below;
  };
  const dense = (count: number): readonly Link[] =>
    Array.from({ length: count - 1 }, (_, at) => [
      link(random(at + 1), at + 1),
      link(random(at + 1), at + 1),
    ]).flat();
  /** Every box reads the one before it and looks up the first. */
  const comb = (count: number): readonly Link[] => [
    ...chain(count),
    ...Array.from({ length: count - 2 }, (_, at) => link(0, at + 2)),
  ];
  const bipartite = (side: number): readonly Link[] =>
    Array.from({ length: side * side }, (_, at) => link(at % side, side + Math.floor(at / side)));

  test.each([
    ["500 nodes in a line", 500, chain(500), 500],
    ["300 nodes, two sources each", 300, dense(300), 8300],
    ["1,000 nodes, two sources each", 1000, dense(1000), 9000],
    ["500 nodes in a line that all look up the first", 500, comb(500), 8500],
    ["300 nodes, every one of 150 read by 150", 300, bipartite(150), 300],
  ])("%s", (_, count, links, vertices) => {
    const layout = layOut(boxes(count), links);
    expect(layout.boxes).toHaveLength(count);
    expect(layout.links.every(({ points }) => points.length > 0)).toBe(true);
    expect(layout.vertices).toBeLessThanOrEqual(vertices);
  });
});
