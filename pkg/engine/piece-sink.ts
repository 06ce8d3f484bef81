import type { AttemptPlace, Piece, StoredPiece, TableStore } from "#pkg/store";
import type { UnitTask } from "#pkg/workflow";

/** One transaction of the store takes about this many bytes. */
const GROUP_BYTES = 1 << 20;
/** Writes that run at the same time; the memory bound is this many groups (P8). */
const GROUPS_IN_FLIGHT = 2;

export const placeOf = (task: UnitTask): AttemptPlace => ({
  incarnation: task.incarnation,
  run: task.run,
  node: task.node,
  phase: task.phase,
  unit: task.unit,
  token: task.token,
});

/** Collects pieces into store writes of about 1 MB with at most two of them in flight. */
export class PieceSink {
  private readonly tables: TableStore;
  private readonly place: AttemptPlace;
  private group: StoredPiece[] = [];
  private groupBytes = 0;
  private readonly running: Promise<void>[] = [];
  private failure: unknown;
  /** Bytes of all pieces so far. */
  bytes = 0;

  constructor(tables: TableStore, place: AttemptPlace) {
    this.tables = tables;
    this.place = place;
  }

  async put(piece: Piece, data: Uint8Array): Promise<void> {
    this.group.push({ piece, data });
    this.groupBytes += data.byteLength;
    this.bytes += data.byteLength;
    if (this.groupBytes >= GROUP_BYTES) await this.flush();
  }

  /** Resolves when every piece may be read by other processes. */
  async end(): Promise<void> {
    await this.flush();
    await Promise.all(this.running.splice(0));
    this.raise();
  }

  private async flush(): Promise<void> {
    this.raise();
    if (this.group.length === 0) return;
    const group = this.group;
    this.group = [];
    this.groupBytes = 0;
    const write = this.tables.write(this.place, group).catch((error: unknown) => {
      this.failure ??= error;
    });
    this.running.push(write);
    if (this.running.length >= GROUPS_IN_FLIGHT) await this.running.shift();
  }

  private raise(): void {
    if (this.failure !== undefined) throw this.failure as Error;
  }
}
