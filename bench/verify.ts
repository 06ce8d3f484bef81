import { createHash } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse";
import type { Size } from "./generate.ts";

export type Job = "j1" | "j3";

interface Output {
  readonly name: string;
  readonly ordered: boolean;
  /** Column whose values are added up; "" for none. */
  readonly sum: string;
}

export const OUTPUTS: Readonly<Record<Job, readonly Output[]>> = {
  j1: [
    { name: "order_totals", ordered: false, sum: "total" },
    { name: "top_orders", ordered: true, sum: "total" },
    { name: "customers", ordered: false, sum: "" },
    { name: "categories", ordered: true, sum: "net_sum" },
  ],
  j3: [{ name: "items_orders", ordered: false, sum: "qty" }],
};

/** Rows and sums that several unrelated programs agreed on, per output in the order of OUTPUTS. */
export const RIGHT: Readonly<Record<Job, Readonly<Record<Size, readonly string[]>>>> = {
  j1: {
    S: ["7436 39463393.99", "1000 12140069.12", "2373 0.00", "40 42618995.09"],
    M: ["75063 401244899.85", "1000 17939410.63", "23831 0.00", "40 429998495.93"],
    L: ["749240 4003970035.39", "1000 22760493.81", "237550 0.00", "40 4292370332.11"],
  },
  j3: { S: ["37231 181082.00"], M: ["376397 1840747.00"], L: ["3759630 18382442.00"] },
};

/** Per output "rows sum" and a content hash that ignores row order where the job leaves it open. */
export async function digest(
  job: Job,
  folder: string,
): Promise<readonly { readonly check: string; readonly hash: string }[]> {
  const digests = [];
  for (const output of OUTPUTS[job]) digests.push(await digestOutput(output, folder));
  return digests;
}

async function digestOutput(
  output: Output,
  folder: string,
): Promise<{ check: string; hash: string }> {
  const files = readdirSync(folder)
    .filter((name) => name.startsWith(output.name))
    .sort();
  let rows = 0;
  let cents = 0;
  let hash = 0n;
  for (const file of files) {
    let at = -1;
    const records = createReadStream(join(folder, file)).pipe(parse());
    let header = true;
    for await (const record of records as AsyncIterable<readonly string[]>) {
      if (header) {
        at = output.sum === "" ? -1 : record.indexOf(output.sum);
        header = false;
        continue;
      }
      rows += 1;
      if (at >= 0) cents += Math.round(Number(record[at]) * 100);
      const own = createHash("sha1").update(record.join("\u001f")).digest().readBigUInt64LE();
      hash = BigInt.asUintN(64, output.ordered ? hash * 31n + own : hash + own);
    }
  }
  return { check: `${rows} ${(cents / 100).toFixed(2)}`, hash: hash.toString(16) };
}
