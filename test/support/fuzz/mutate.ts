/** A small generator with a seed (mulberry32): whole numbers from 0 to below the bound. */
export type Random = (below: number) => number;

export function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const oneOf = <T>(random: Random, values: readonly T[]): T =>
  values[random(values.length)] as T;

/** Pieces that mean something to some reader. */
const PIECES: readonly Uint8Array[] = [
  ['"', '""', ",", "\n", "\r\n", "\r", "\0", "\ufeff", "{", "}", "[", "]", ":", "\\", "\\u", "-"],
  ["0", "-0", "1e999", "9223372036854775808", "-9223372036854775809", "NaN", "null", "true", "{x}"],
  ["{x|number}", "&a", "*a", "<<:", "!!", "%", "'", "#", "- ", "\ud83d\ude00", "\u0000", "\u2028"],
  ["e\u0301", "9".repeat(400), "[".repeat(3000), "__proto__"],
]
  .flat()
  .map((text) => Buffer.from(text));

type Change = (bytes: Buffer, at: number, random: Random) => Buffer;

const put = (bytes: Buffer, at: number, piece: Uint8Array, drop = 0): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + drop)]);

const CHANGES: readonly Change[] = [
  (bytes, at, random) => put(bytes, at, Uint8Array.of(random(256)), 1),
  (bytes, at, random) => put(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random(8))), 1),
  (bytes, at, random) => put(bytes, at, oneOf(random, PIECES)),
  (bytes, at, random) => put(bytes, at, oneOf(random, PIECES), 1 + random(4)),
  (bytes, at, random) => put(bytes, at, new Uint8Array(0), 1 + random(40)),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => put(bytes, at, bytes.subarray(random(bytes.length), at + random(60))),
  (bytes, at, random) => put(bytes, at, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), 5 * random(2)),
];

/** What is done to inputs; `unchanged` shows that what mutations begin with is right. */
export interface Mutation {
  bytes(source: Uint8Array, random: Random): Buffer;
  tree(tree: Json, random: Random): Json;
}

/** The bytes with one to four changes; a share of them near the end, where some formats keep what matters. */
function mutated(source: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(source);
  for (let left = 1 + random(4); left > 0; left--) {
    const near = Math.min(bytes.length, 400);
    const at = random(3) === 0 ? bytes.length - random(near + 1) : random(bytes.length + 1);
    bytes = Buffer.from(oneOf(random, CHANGES)(bytes, at, random));
  }
  return bytes;
}

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const VALUES: readonly Json[] = [
  [null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, "", " ", "x", "r.x", "{x}", "{x|number}"],
  ["string", "int", "datetime", "(", "a(b", "r.", "p.x", "len(r.x)", "x".repeat(5000), "\0"],
  ["if(1", "unique(x)", "order(asc)", "1/0", "-9223372036854775808", "s3://", "file:///x", "*"],
  [[], {}, [[]], [null], { "": "" }, { a: 1 }, ["x", "x"], { type: "int", expression: "1" }],
].flat();

const isTree = (value: Json): value is readonly Json[] | { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null;

/** A JSON tree with one place changed: another value, one less, one more, two exchanged. */
function mutatedTree(tree: Json, random: Random): Json {
  if (!isTree(tree) || random(14) === 0) return oneOf(random, VALUES);
  const entries: [string, Json][] = Object.entries(tree);
  if (entries.length === 0) return oneOf(random, VALUES);
  const at = random(entries.length);
  const [key, value] = entries[at] as [string, Json];
  const kind = random(24);
  if (kind === 0) entries.splice(at, 1);
  else if (kind === 1) entries.push([`${key}${random(3)}`, value]);
  else if (kind === 2) entries.push([oneOf(random, ["type", "w", "r", "__proto__", ""]), value]);
  else if (kind === 3) entries[at] = [key, oneOf(random, entries)[1]];
  else entries[at] = [key, mutatedTree(value, random)];
  if (Array.isArray(tree)) return entries.map(([, item]) => item);
  return Object.fromEntries(entries);
}

function severalTimes(tree: Json, random: Random): Json {
  let result = tree;
  for (let left = 1 + random(3); left > 0; left--) result = mutatedTree(result, random);
  return result;
}

export const changed: Mutation = { bytes: mutated, tree: severalTimes };

export const unchanged: Mutation = { bytes: (source) => Buffer.from(source), tree: (tree) => tree };
