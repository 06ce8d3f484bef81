import { Fault } from "#pkg/fault";
import type { EnginePorts } from "./types.ts";

/** Counts rows of one unit for people and is the place where a stop is noticed. */
export class Progress {
  private readonly ports: Pick<EnginePorts, "progress" | "signal">;
  private rows = 0;

  constructor(ports: Pick<EnginePorts, "progress" | "signal">) {
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
