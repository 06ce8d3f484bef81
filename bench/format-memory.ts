// npm run bench:format-memory -- [--mb 200,2000] [--memory 256] [--only csv,gzip,ndjson,parquet,http,s3,sftp]
// Peak memory above an idle run of `capitoolbelt run` that reads files of each format and from each place into a table, and that
// writes them, at several sizes (of the rows as CSV). Fails where it grows with the size. Needs a build, twice the size on disk
// for the table and again for the file; TMPDIR says where.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bigRowsScript, writeBigRows, type RowFormat } from "./big-rows.ts";
import { openFilePlaces, type FilePlaces } from "./file-places.ts";
import { program } from "./cluster-workers.ts";
import { measure, type Sample } from "./measure.ts";

const { values: flags } = parseArgs({
  options: {
    mb: { type: "string", default: "200,2000" },
    memory: { type: "string", default: "256" },
    only: { type: "string", default: "csv,gzip,ndjson,parquet,http,s3,sftp" },
  },
});
/** Of the size, or this much: what garbage and the C library keep differs by as much from run to run. */
const [MOST_TIMES, MOST_MORE_MB] = [1.25, 40];

const root = join(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "capillaries-bench-"));
const inWork = (name: string): string => join(work, name);

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Sample> =>
  measure([process.execPath, program("toolbelt"), "run", ...args, "--memory", flags.memory], env);

/** What is read and written, and where. */
interface Kind {
  readonly format: RowFormat;
  readonly place: keyof Pick<FilePlaces, "local" | "http" | "s3" | "sftp">;
  readonly name: string;
}

/** What is not written here is there from the beginning. */
const GIVEN = "given.csv";

const KINDS: Readonly<Record<string, Kind>> = {
  csv: { format: "csv", place: "local", name: "rows.csv" },
  gzip: { format: "csv", place: "local", name: "rows.csv.gz" },
  ndjson: { format: "ndjson", place: "local", name: "rows.ndjson" },
  parquet: { format: "parquet", place: "local", name: "rows.parquet" },
  http: { format: "csv", place: "http", name: GIVEN },
  s3: { format: "csv", place: "s3", name: "rows.csv" },
  sftp: { format: "csv", place: "sftp", name: "rows.csv" },
};

/** By what was done, in the order of the sizes. */
const samples = new Map<string, Sample[]>();

function note(name: string, megabytes: number, sample: Sample): void {
  samples.set(name, [...(samples.get(name) ?? []), sample]);
  const { seconds, ownMb, peakMb } = sample;
  console.log(
    `${name.padEnd(14)} ${megabytes} MB: ${seconds.toFixed(1)} s, private ${ownMb.toFixed(0)}, resident ${peakMb.toFixed(0)} MB`,
  );
}

interface Bench {
  readonly places: FilePlaces;
  readonly megabytes: number;
  readonly rows: number;
}

function writeScript(kind: Kind, url: string): string {
  const file = inWork("rows.json");
  writeFileSync(file, JSON.stringify(bigRowsScript(kind.format, url)));
  return file;
}

/** The file into a table of the data folder; makes sure that its last row came. */
async function read(script: string, data: string, { places, rows }: Bench): Promise<Sample> {
  const last = inWork("last.csv");
  const parameters = ["--param", `last=${last}`, "--param", "target=none.csv"];
  const sample = await run([script, "--data", data, ...parameters], places.env);
  const [, first] = readFileSync(last, "utf8").split("\n");
  if (first?.startsWith(`${rows - 1},`) !== true) throw new Error(`${first} is not the last row`);
  return sample;
}

async function benchKind(name: string, bench: Bench): Promise<void> {
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`--only takes ${Object.keys(KINDS).join(",")}`);
  const { places, megabytes } = bench;
  const url = places[kind.place](kind.name);
  const script = writeScript(kind, url);
  if (kind.name !== GIVEN) {
    const parameters = ["--param", `target=${url}`, "--param", "last=none.csv"];
    const start = ["--start", "write_rows", "--data", inWork("table")];
    note(`${name} write`, megabytes, await run([script, ...start, ...parameters], places.env));
  }
  const data = inWork("data");
  note(`${name} read`, megabytes, await read(script, data, bench));
  rmSync(data, { recursive: true });
  if (kind.name !== GIVEN) await places.remove(kind.name);
}

async function benchSize(megabytes: number): Promise<void> {
  await using places = await openFilePlaces(inWork("places"));
  const url = places.local(GIVEN);
  const rows = writeBigRows(url, megabytes);
  const bench = { places, megabytes, rows };
  await read(
    writeScript({ format: "csv", place: "local", name: GIVEN }, url),
    inWork("table"),
    bench,
  );
  for (const name of flags.only.split(",")) await benchKind(name, bench);
  rmSync(inWork("table"), { recursive: true });
}

/** The program with next to nothing to do. */
function idle(): Promise<Sample> {
  const example = join(root, "examples", "orders");
  const parameters = [
    "--params",
    join(example, "params.json"),
    "--param",
    `dir_out=${inWork("o")}`,
  ];
  return run([join(example, "script.json"), ...parameters, "--data", inWork("idle")]);
}

/** Peaks above idle at each size; whether the last is flat beside the first. */
function tell(name: string, peaks: readonly number[]): boolean {
  const [first = 0, last = 0] = [peaks[0], peaks.at(-1)];
  const isFlat = last <= Math.max(first * MOST_TIMES, first + MOST_MORE_MB);
  console.log(
    `${name.padEnd(24)} ${peaks.map((peak) => peak.toFixed(0).padStart(5)).join("")} MB, ${(last / first).toFixed(2)} times${isFlat ? "" : ": NOT FLAT"}`,
  );
  return isFlat;
}

try {
  const { ownMb, peakMb } = await idle();
  console.log(`idle: private ${ownMb.toFixed(0)}, resident ${peakMb.toFixed(0)} MB`);
  for (const megabytes of flags.mb.split(",")) await benchSize(Number(megabytes));
  console.log(`above idle, --memory ${flags.memory}, at ${flags.mb} MB:`);
  const flat = [...samples].flatMap(([name, list]) => [
    tell(
      `${name}, private`,
      list.map((sample) => sample.ownMb - ownMb),
    ),
    tell(
      `${name}, resident`,
      list.map((sample) => sample.peakMb - peakMb),
    ),
  ]);
  if (flat.includes(false)) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
