import type { UnitRecord } from "#pkg/workflow";
import { canonicalJson } from "../canonical-json.ts";
import type { PhaseKey, UnitKey } from "../control.ts";
import type { Backend } from "./backend.ts";
import { DIRECTORY, type BucketSums } from "./statements/markers.ts";

/** Small enough that whoever ended a unit may look whether its bucket is full. */
export const BUCKET_UNITS = 128;

export interface Marker {
  readonly unit: number;
  /** Of the claim that was seen last; empty when handed back. */
  readonly session: string;
  readonly outcome: "success" | "fail" | undefined;
  readonly rejected: number;
}

export interface MarkedUnit {
  readonly unit: number;
  /** Of a final one. */
  readonly record: UnitRecord | undefined;
}

const recordOf = (text: string | null): UnitRecord | undefined =>
  text === null ? undefined : (JSON.parse(text) as UnitRecord);

interface Bucket {
  readonly bucket: number;
  /** Of a full one. */
  readonly sums: BucketSums | undefined;
}

const bucketOf = (unit: number): number => Math.floor(unit / BUCKET_UNITS);
const KEPT = 10_000;

/**
 * Plain rows beside the unit records: which units were ever claimed, which are final. They are written with or after the
 * conditional writes they tell of, so they may lag behind but never run ahead; a listing that meets a final unit without its
 * marker writes it.
 */
export class PhaseMarkers {
  readonly #backend: Backend;
  /** Buckets that this process has listed already. */
  readonly #listed = new Set<string>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Before or while the first claim is written, so that every unit with a record can be found. */
  async claimed(key: UnitKey, session: string): Promise<void> {
    const { cql, statements } = this.#backend;
    const bucket = bucketOf(key.unit);
    const name = `${nameOf(key)} ${bucket}`;
    const mark = cql.write(statements.markClaimed(key, bucket, { unit: key.unit, session }));
    if (!this.#listed.has(name)) {
      await cql.write(statements.markBucket(key, bucket));
      if (this.#listed.size >= KEPT) this.#listed.clear();
      this.#listed.add(name);
    }
    await mark;
  }

  async final(key: UnitKey, record: UnitRecord): Promise<void> {
    const { cql, statements } = this.#backend;
    const { unit } = key;
    const outcome = record.state === "success" ? "success" : "fail";
    const rejected = record.outcome?.counts.rejected ?? 0;
    const mark = { unit, outcome, rejected, record: canonicalJson(record) };
    await cql.write(statements.markFinal(key, bucketOf(unit), mark));
  }

  /** All units that were ever claimed, those that are final with their record. */
  async records(phase: PhaseKey): Promise<readonly MarkedUnit[]> {
    const { cql, statements } = this.#backend;
    const buckets = await this.#buckets(phase);
    const parts = buckets.map(({ bucket }) => cql.rows(statements.bucketRecords(phase, bucket)));
    return (await Promise.all(parts)).flat().map((row) => ({
      unit: row["unit"] as number,
      record: recordOf(row["record"] as string | null),
    }));
  }

  /** Of all units that were ever claimed, by number. */
  async all(phase: PhaseKey): Promise<readonly Marker[]> {
    const buckets = await this.#buckets(phase);
    const markers = await Promise.all(buckets.map(({ bucket }) => this.#bucket(phase, bucket)));
    return markers.flat();
  }

  async sums(phase: PhaseKey): Promise<BucketSums> {
    const { cql, statements } = this.#backend;
    // Most phases have one bucket, so it is asked for together with the list.
    const [buckets, first] = await Promise.all([this.#buckets(phase), this.#bucket(phase, 0)]);
    const parts = buckets.map(async ({ bucket, sums }) => {
      if (sums !== undefined) return sums;
      const counted = sumsOf(bucket === 0 ? first : await this.#bucket(phase, bucket));
      if (counted.succeeded + counted.failed === BUCKET_UNITS)
        await cql.write(statements.markFull(phase, bucket, counted));
      return counted;
    });
    return (await Promise.all(parts)).reduce(add, { succeeded: 0, failed: 0, rejected: 0 });
  }

  /** Looks at the bucket of the unit first; says no as long as another unit of it is open. */
  async mayBeOver(key: UnitKey, units: number): Promise<boolean> {
    if (!(await this.#isBucketFull(key, units))) return false;
    if (units <= BUCKET_UNITS) return true;
    const { succeeded, failed } = await this.sums(key);
    return succeeded + failed >= units;
  }

  async #isBucketFull(key: UnitKey, units: number): Promise<boolean> {
    const bucket = bucketOf(key.unit);
    const { succeeded, failed } = sumsOf(await this.#bucket(key, bucket));
    return succeeded + failed >= Math.min(BUCKET_UNITS, units - bucket * BUCKET_UNITS);
  }

  async #buckets(phase: PhaseKey): Promise<readonly Bucket[]> {
    const { cql, statements } = this.#backend;
    const rows = await cql.rows(statements.bucket(phase, DIRECTORY));
    return rows.map((row) => ({
      bucket: row["unit"] as number,
      sums:
        row["succeeded"] === null
          ? undefined
          : {
              succeeded: row["succeeded"] as number,
              failed: row["failed"] as number,
              rejected: Number(row["rejected"]),
            },
    }));
  }

  async #bucket(phase: PhaseKey, bucket: number): Promise<readonly Marker[]> {
    const { cql, statements } = this.#backend;
    const rows = await cql.rows(statements.bucket(phase, bucket));
    return rows.map((row) => ({
      unit: row["unit"] as number,
      session: (row["session"] ?? "") as string,
      outcome: (row["outcome"] ?? undefined) as Marker["outcome"],
      rejected: Number(row["rejected"] ?? 0),
    }));
  }
}

const nameOf = ({ incarnation, run, node, phase }: PhaseKey): string =>
  JSON.stringify([incarnation, run, node, phase]);

const add = (a: BucketSums, b: BucketSums): BucketSums => ({
  succeeded: a.succeeded + b.succeeded,
  failed: a.failed + b.failed,
  rejected: a.rejected + b.rejected,
});

function sumsOf(markers: readonly Marker[]): BucketSums {
  const count = (outcome: Marker["outcome"]): number =>
    markers.filter((marker) => marker.outcome === outcome).length;
  return {
    succeeded: count("success"),
    failed: count("fail"),
    rejected: markers.reduce((sum, { rejected }) => sum + rejected, 0),
  };
}
