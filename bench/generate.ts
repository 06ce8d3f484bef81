import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Number of orders of each size; about four items an order. */
export const SIZES = { S: 10_000, M: 100_000, L: 1_000_000 } as const;
export type Size = keyof typeof SIZES;

const PARTS = 8;
const PRODUCTS = 10_000;
const CATEGORIES = 40;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2024, 0, 1);

const PREFIXES = ["kit", "box", "led", "pump", "nut", "saw", "bulb", "cord"];
const ADJECTIVES = ["red", "small", "steel", "folding", "spare", "heavy", "quiet", "long"];
const CATEGORY_NAMES = ["Garden", "Kitchen", "Office", "Light", "Tools", "Sport", "Toys", "Paper"];
const WORDS =
  "please deliver before noon ring twice leave at door gift wrap no call fragile second floor back entrance customer asked for invoice copy".split(
    " ",
  );
const REGIONS = ["north", "south", "east", "west", "centre"];
const CHANNELS = ["web", "shop", "phone", "partner"];
const STATUSES = ["new", "paid", "shipped", "shipped", "shipped"];

type Random = (limit: number) => number;

/** mulberry32: the same numbers on every machine. `next` gives [0, 1). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pad = (value: number, width: number): string => String(value).padStart(width, "0");
const money = (cents: number): string => `${Math.floor(cents / 100)}.${pad(cents % 100, 2)}`;
const pick = (list: readonly string[], at: number): string => list[at % list.length] as string;
const dayText = (day: number): string =>
  new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10);

function openCsv(file: string, header: string): { row(line: string): void; close(): void } {
  const descriptor = openSync(file, "w");
  let lines = [header];
  const flush = (): void => {
    if (lines.length > 0) writeSync(descriptor, `${lines.join("\n")}\n`);
    lines = [];
  };
  return {
    row(line) {
      if (lines.push(line) >= 20_000) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

/** orders_0..7.csv, items_0..7.csv and products.csv in `folder`; byte-identical on every machine. */
export function generate(size: Size, folder: string): void {
  const orders = SIZES[size];
  const next = mulberry(0x9e3779b9 ^ orders);
  const random: Random = (limit) => Math.floor(next() * limit);
  mkdirSync(folder, { recursive: true });
  const skus = Array.from(
    { length: PRODUCTS },
    (_, at) => `${pick(PREFIXES, at)}-${pad((at * 7919) % 1_000_000, 6)}`,
  );
  writeProducts(folder, skus, { next, random });
  const lines = writeOrders(folder, orders, { next, random });
  shuffle(lines, random);
  writeItems(folder, { lines, orders, skus }, { next, random });
}

interface Randoms {
  readonly next: () => number;
  readonly random: Random;
}

function writeProducts(folder: string, skus: readonly string[], { next, random }: Randoms): void {
  const file = openCsv(join(folder, "products.csv"), "sku,category,name,cost");
  for (const [at, sku] of skus.entries()) {
    const category = random(CATEGORIES);
    const name = `${pick(ADJECTIVES, random(8))} ${pick(PREFIXES, at)} ${at}`;
    const cost = money(20 + Math.floor(next() ** 3 * 60_000));
    file.row(`${sku},${pick(CATEGORY_NAMES, category)} ${pad(category, 2)},${name},${cost}`);
  }
  file.close();
}

/** A permutation of consecutive numbers. */
const orderId = (at: number, orders: number): number => 10_000_000 + ((at * 7919 + 13) % orders);

function writeOrders(folder: string, orders: number, { next, random }: Randoms): number[] {
  const lines: number[] = [];
  let at = 0;
  for (let part = 0; part < PARTS; part++) {
    const header = "order_id,customer_id,order_date,status,region,channel,note";
    const file = openCsv(join(folder, `orders_${part}.csv`), header);
    for (const end = Math.floor((orders * (part + 1)) / PARTS); at < end; at++) {
      const count = next() < 0.01 ? 0 : 1 + random(7);
      for (let line = 1; line <= count; line++) lines.push(at * 8 + line);
      const note = noteText({ next, random });
      const customer = pad(random(orders / 4), 7);
      const day = dayText(random(366));
      const status = next() < 0.05 ? "cancelled" : pick(STATUSES, random(5));
      const place = `${pick(REGIONS, random(5))},${pick(CHANNELS, random(4))}`;
      file.row(`${orderId(at, orders)},C${customer},${day},${status},${place},${note}`);
    }
    file.close();
  }
  return lines;
}

function noteText({ next, random }: Randoms): string {
  let note = "";
  for (let words = 2 + random(6); words > 0; words--)
    note += (note && " ") + pick(WORDS, random(WORDS.length));
  if (next() >= 0.01) return note;
  return `"${note.replace(" ", ", ")}, said ""${pick(WORDS, random(WORDS.length))}"""`;
}

function shuffle(list: number[], random: Random): void {
  for (let at = list.length - 1; at > 0; at--) {
    const other = random(at + 1);
    const kept = list[at] as number;
    list[at] = list[other] as number;
    list[other] = kept;
  }
}

interface Items {
  readonly lines: readonly number[];
  readonly orders: number;
  readonly skus: readonly string[];
}

function writeItems(folder: string, items: Items, { next, random }: Randoms): void {
  const { lines, orders, skus } = items;
  let at = 0;
  for (let part = 0; part < PARTS; part++) {
    const header = "order_id,line_no,sku,qty,price,discount,shipped_at";
    const file = openCsv(join(folder, `items_${part}.csv`), header);
    for (const end = Math.floor((lines.length * (part + 1)) / PARTS); at < end; at++) {
      const line = lines[at] as number;
      const qty = next() < 0.02 ? -random(2) : 1 + random(9);
      const sku = next() < 0.005 ? `old-${pad(random(1e6), 6)}` : pick(skus, random(PRODUCTS));
      const second = random(86_400);
      const price = money(50 + Math.floor(next() ** 3 * 100_000));
      const discount = next() < 0.6 ? 0 : (5 * (1 + random(10))) / 100;
      const clock = `${pad(Math.floor(second / 3600), 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
      const shipped = `${dayText(random(400))} ${clock}`;
      file.row(
        `${orderId(line >> 3, orders)},${line & 7},${sku},${qty},${price},${discount},${shipped}`,
      );
    }
    file.close();
  }
}
