// One job as a Node user would write it by hand: csv-parse, row objects, Map, nothing kept. node plain-node.mjs JOB IN OUT
import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { parse } from "csv-parse";

const [job, input, output] = process.argv.slice(2);
const cents = (text) => Math.round(Number(text) * 100);
const money = (value) => (value / 100).toFixed(2);
const day = (date) => date.toISOString().slice(0, 10);

async function* rows(prefix) {
  for (const file of readdirSync(input)
    .filter((name) => name.startsWith(prefix))
    .sort())
    yield* createReadStream(join(input, file), { highWaterMark: 1 << 20 }).pipe(
      parse({ columns: true }),
    );
}

async function readOrders() {
  const orders = new Map();
  for await (const row of rows("orders_")) {
    if (row.status === "cancelled") continue;
    row.order_id = Number(row.order_id);
    row.order_date = new Date(row.order_date);
    orders.set(row.order_id, row);
  }
  return orders;
}

async function* readItems() {
  for await (const row of rows("items_"))
    yield {
      order_id: Number(row.order_id),
      line_no: Number(row.line_no),
      sku: row.sku,
      qty: Number(row.qty),
      price: cents(row.price),
      discount: Number(row.discount),
      shipped_at: new Date(`${row.shipped_at.replace(" ", "T")}Z`),
    };
}

async function writeCsv(name, header, list, cells) {
  const file = createWriteStream(join(output, `${name}.csv`));
  let text = `${header}\n`;
  for await (const row of list) {
    text += `${cells(row).join(",")}\n`;
    if (text.length > 65_536) {
      if (!file.write(text)) await once(file, "drain");
      text = "";
    }
  }
  file.end(text);
  await once(file, "finish");
}

function priced(item, product) {
  const net = Math.floor(
    (item.price * item.qty * Math.round((1 - item.discount) * 100) + 50) / 100,
  );
  return {
    ...item,
    net,
    shipped_day: day(item.shipped_at),
    sku_key: item.sku.replaceAll("-", ""),
    margin: net - product.cost * item.qty,
  };
}

function accumulate(group, item) {
  group.count += 1;
  group.total += item.net;
  group.margin += item.margin;
  if (group.count === 1 || item.shipped_day < group.first) group.first = item.shipped_day;
  if (group.count === 1 || item.shipped_day > group.last) group.last = item.shipped_day;
}

const emptyGroup = () => ({ count: 0, total: 0, margin: 0, first: "", last: "" });
const roundAway = (value) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

async function runJ1() {
  const products = new Map();
  for await (const row of rows("products"))
    products.set(row.sku, { ...row, cost: cents(row.cost) });
  const orders = await readOrders();
  const groups = new Map();
  const categories = new Map();
  for await (const item of readItems()) {
    const product = item.qty > 0 ? products.get(item.sku) : undefined;
    if (product === undefined) continue;
    const row = priced(item, product);
    if (!groups.has(row.order_id)) groups.set(row.order_id, emptyGroup());
    accumulate(groups.get(row.order_id), row);
    if (!categories.has(product.category))
      categories.set(product.category, {
        category: product.category,
        count: 0,
        qty: 0,
        net: 0,
        margin: 0,
      });
    const category = categories.get(product.category);
    category.count += 1;
    category.qty += row.qty;
    category.net += row.net;
    category.margin += row.margin;
  }
  const totals = [];
  for (const order of orders.values()) {
    const group = groups.get(order.order_id) ?? emptyGroup();
    if (group.total <= 100_000 && group.count > 0) continue;
    totals.push({
      ...order,
      ...group,
      average: group.count > 0 ? roundAway(group.margin / group.count) : 0,
    });
  }
  const header =
    "order_id,customer_id,order_date,region,channel,item_count,total,min_day,max_day,avg_margin";
  const cells = (row) => [
    row.order_id,
    row.customer_id,
    day(row.order_date),
    row.region,
    row.channel,
    row.count,
    money(row.total),
    row.first,
    row.last,
    money(row.average),
  ];
  await writeCsv("order_totals", header, totals, cells);
  await writeCsv(
    "customers",
    "customer_id",
    new Set(totals.map((row) => row.customer_id)),
    (id) => [id],
  );
  totals.sort((a, b) => b.total - a.total || a.order_id - b.order_id);
  await writeCsv("top_orders", header, totals.slice(0, 1000), cells);
  const sorted = [...categories.values()].sort((a, b) => (a.category < b.category ? -1 : 1));
  await writeCsv("categories", "category,item_count,qty_sum,net_sum,margin_sum", sorted, (row) => [
    row.category,
    row.count,
    row.qty,
    money(row.net),
    money(row.margin),
  ]);
}

async function runJ3() {
  const orders = await readOrders();
  async function* joined() {
    for await (const item of readItems()) {
      const order = orders.get(item.order_id);
      if (order !== undefined)
        yield [item.order_id, item.line_no, order.customer_id, order.region, item.qty];
    }
  }
  await writeCsv("items_orders", "order_id,line_no,customer_id,region,qty", joined(), (row) => row);
}

await (job === "j1" ? runJ1() : runJ3());
