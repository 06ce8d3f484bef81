import { Fault } from "#pkg/fault";

/** Where rows are told and a stop is heard of. */
export interface ProgressPorts {
  /** Aborted when the run is stopped or the worker hands units back; looked at between chunks. Throws STOPPED. */
  readonly signal: AbortSignal;
  /** Rows done so far, for progress; called at most once a chunk. */
  readonly progress: (rows: number) => void;
}

/** Counts rows of one unit for people and is the place where a stop is noticed. */
export class Progress {
  private readonly ports: ProgressPorts;
  private rows = 0;

  constructor(ports: ProgressPorts) {
    this.ports = ports;
  }

  /** Called between blocks of rows; throws STOPPED once the run is stopped or the worker hands units back. */
  advance(rows: number): void {
    this.rows += rows;
    this.ports.progress(this.rows);
    if (this.ports.signal.aborted)
      throw new Fault("STOPPED", "the unit was stopped between two blocks of rows");
  }
}
