import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cli } from "./cli.ts";
import { stageMediumOrders, type MediumOrders } from "./medium-orders.ts";

/** A run of case 75 that failed half way, kept so that it can be retried any number of times. */
export interface FailedOrders {
  readonly name: string;
  readonly out: string;
  readonly data: string;
  /** Arguments of the `retry` that finishes it. */
  readonly retry: readonly string[];
  /** Puts data folder and files back to the moment after the failure. */
  readonly restore: () => void;
}

/** What fails in the first run, by name: it breaks the staged case and returns how it is mended and what the retry is told. */
const BREAKS = {
  "one file of four has a bad cell": (folder: string) => {
    const file = join(folder, "in", "orders_2.csv");
    const good = readFileSync(file, "utf8");
    writeFileSync(
      file,
      good.replace(/\n15000,[^\n]*/, (line) => line.replace("2024", "then")),
    );
    return { mend: () => writeFileSync(file, good), flags: ["--changed-files"] };
  },
  "a lookup divides by zero": (folder: string) => {
    const file = join(folder, "script.json");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace('"r.order_id"', '"r.order_id / (r.order_id / 20000 - 1)"'));
    const mended = join(folder, "mended.json");
    // Batches of the broken node that were committed are not those of the mended one, so it is asked for wholly.
    return {
      mend: () => writeFileSync(mended, good),
      flags: ["--script", mended, "--node", "strangers", "--below"],
    };
  },
} as const;

/** Runs case 75 broken in every way there is, with these flags. */
export async function failMediumOrders(
  folder: string,
  flags: readonly string[] = [],
): Promise<readonly FailedOrders[]> {
  const failed: FailedOrders[] = [];
  for (const [name, breakIt] of Object.entries(BREAKS)) {
    const place = join(folder, `failed-${failed.length}`);
    mkdirSync(place);
    const medium = stageMediumOrders(place);
    const broken = breakIt(place);
    failed.push(await failOnce(place, medium, { name, flags, broken }));
  }
  return failed;
}

interface Breaking {
  readonly name: string;
  readonly flags: readonly string[];
  readonly broken: { readonly mend: () => void; readonly flags: readonly string[] };
}

async function failOnce(
  place: string,
  medium: MediumOrders,
  { name, flags, broken }: Breaking,
): Promise<FailedOrders> {
  const [out, data, kept] = [join(place, "out"), join(place, "data"), join(place, "kept")];
  mkdirSync(out);
  const { code, stderr } = await cli([...medium.run(out, data), ...flags]);
  if (code !== 1) throw new Error(`${name}: the run ended with ${code}: ${stderr}`);
  broken.mend();
  for (const part of ["out", "data"])
    cpSync(join(place, part), join(kept, part), { recursive: true });
  return {
    name,
    out,
    data,
    retry: ["retry", "--keyspace", "medium", "--data", data, ...broken.flags],
    restore: () => {
      for (const part of ["out", "data"]) {
        rmSync(join(place, part), { recursive: true });
        cpSync(join(kept, part), join(place, part), { recursive: true });
      }
    },
  };
}
