import { compileExpression, type CompiledExpression } from "#pkg/expression";
import { columnFrom, sliceRowset, type StringColumn } from "#pkg/rowset";
import type { TagProcessor } from "#pkg/script";
import type { FieldType } from "#pkg/value";
import type { Processor, Records, RowFailure, SourceBlock } from "./port.ts";
import { rowMasks } from "./row-masks.ts";

/** Records handed out at a time; a row may have thousands of tags. */
const PORTION = 16_384;
/** Rows times tags that are looked at together. */
const CELLS = 2 ** 22;

/** Criteria that can be evaluated, each with its tag. */
export interface Criterion {
  readonly tag: string;
  readonly condition: CompiledExpression;
}

interface Tagging {
  readonly tagField: string;
  readonly criteria: readonly Criterion[];
  /** All tags, in the order of the criteria. */
  readonly tags: StringColumn;
}

/**
 * One record for every row and every tag whose criterion holds, the tags of a row in the order of the script or file
 * (spec/script.md 9.2). Memory: CELLS bytes and one portion of records.
 */
export function tagAndDenormalize(
  { tagField, criteria }: TagProcessor,
  source: ReadonlyMap<string, FieldType>,
): Processor {
  const compiled = criteria.map(({ tag, expression }) => ({
    tag,
    condition: compileExpression(expression, {
      place: "condition",
      typeOf: (_, name) => source.get(name),
      declared: "bool",
    }),
  }));
  const tags = columnFrom(
    "string",
    criteria.map(({ tag }) => tag),
  ) as StringColumn;
  const inputs = compiled.flatMap(({ condition }) => condition.inputs.map(({ name }) => name));
  return {
    sourceFields: [...new Set(inputs)],
    async *process(blocks) {
      for await (const block of blocks)
        for (const part of slices(block, compiled.length))
          yield* tagged(part, { tagField, criteria: compiled, tags });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function* slices(block: SourceBlock, tags: number): Generator<SourceBlock> {
  const { from, rowset } = block;
  const size = Math.max(1, Math.floor(CELLS / Math.max(tags, 1)));
  if (rowset.rows <= size) yield block;
  else
    for (let at = 0; at < rowset.rows; at += size)
      yield {
        from: from + at,
        rowset: sliceRowset(rowset, at, Math.min(at + size, rowset.rows)),
      };
}

/** At least one piece of records for every block, so that failures are told. */
function* tagged(block: SourceBlock, tagging: Tagging): Generator<Records> {
  const { masks, failures } = rowMasks(block, tagging.criteria);
  const rows = new Int32Array(PORTION);
  const codes = new Int32Array(PORTION);
  let count = 0;
  let told = 0;
  /** Failures of the rows before one, each once: what is known about rows comes in their order, however portions are cut. */
  const failuresBefore = (end: number): readonly RowFailure[] => {
    const from = told;
    while (told < failures.length && (failures[told] as RowFailure).row < end) told += 1;
    return failures.slice(from, told);
  };
  const portion = (): Records => {
    const records = recordsOf(block, tagging, rows.slice(0, count), codes.slice(0, count));
    count = 0;
    return records;
  };
  for (let row = 0; row < block.rowset.rows; row += 1)
    for (let code = 0; code < masks.length; code += 1) {
      if (masks[code]?.[row] !== 1) continue;
      rows[count] = row;
      codes[count] = code;
      count += 1;
      if (count < PORTION) continue;
      yield { ...portion(), failures: failuresBefore(row) };
    }
  const last = failuresBefore(block.rowset.rows);
  if (count > 0 || last.length > 0) yield { ...portion(), failures: last };
}

function recordsOf(
  block: SourceBlock,
  { tagField, tags }: Tagging,
  rows: Int32Array,
  codes: Int32Array,
): Records {
  const fields = new Map([[tagField, { ...tags, codes }]]);
  return { block, rows, count: rows.length, fields, failures: [] };
}
