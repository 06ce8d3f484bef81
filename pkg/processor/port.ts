import type { Fault } from "#pkg/fault";
import type { Rowset, Vector } from "#pkg/rowset";
import type { NodeProcessor } from "#pkg/script";
import type { FieldType } from "#pkg/value";

/** Source rows in visible order; `from` is the position of the first of them in the source table. */
export interface SourceBlock {
  readonly from: number;
  readonly rowset: Rowset;
}

/**
 * What a processor made of rows of one block. Records stand in the order of their source rows, several records of one row in
 * an order that depends on nothing but the row.
 */
export interface Records {
  readonly block: SourceBlock;
  /** Source row (position in the block) of each record; undefined: record i comes from row i, all rows. */
  readonly rows: Int32Array | undefined;
  readonly count: number;
  /** Output fields (`p.*`), one value a record. */
  readonly fields: ReadonlyMap<string, Vector>;
  /** Rows that could not be processed, in row order; they have no record here nor in another part. */
  readonly failures: readonly RowFailure[];
}

/** `row` is a position in the block; the fault says what was wrong with it, the caller adds node and row. */
export interface RowFailure {
  readonly row: number;
  /** The output that failed. */
  readonly field: string;
  /** Its formula. */
  readonly expression: string;
  readonly fault: Fault;
}

/**
 * The work of one custom node on one batch. Every row is treated on its own: what comes out of a row never depends on other
 * rows, so that results depend on nothing but script and data (P2).
 */
export interface Processor extends AsyncDisposable {
  /** Fields of the source that `process` looks at. */
  readonly sourceFields: readonly string[];
  /** Takes blocks of any size and hands out records block by block or in parts of blocks, in order. */
  process(source: AsyncIterable<SourceBlock>): AsyncIterable<Records>;
}

export interface ProcessorRequest {
  /** For messages. */
  readonly node: string;
  readonly processor: NodeProcessor;
  /** Fields of the source table. */
  readonly source: ReadonlyMap<string, FieldType>;
  /** Rows that are handed to foreign code together (`rowset_size`), counted from the first row of the batch. */
  readonly pageRows: number;
  /** Rows that fail are set aside, so all of them are wanted and the records of the others; else the first one ends the batch. */
  readonly rejects?: boolean;
  /** Called now and then while foreign code is at work; throws STOPPED when it should be ended. */
  readonly checkpoint: () => void;
}

/** Makes the processor of a node; throws the Fault that says why it cannot run here. */
export interface Processors extends AsyncDisposable {
  open(request: ProcessorRequest): Promise<Processor>;
}
