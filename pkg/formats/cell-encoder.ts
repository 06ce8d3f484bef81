import type { Vector } from "#pkg/rowset";
import type { ByteSink } from "./byte-sink.ts";

/** Writes the cell of a row of the bound vector. */
export type CellWriter = (row: number) => void;

/** Binds the cells of one column to a vector and an output. */
export type CellEncoder = (vector: Vector, out: ByteSink) => CellWriter;
