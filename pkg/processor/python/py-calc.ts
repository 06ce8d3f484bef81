import { Fault, onlyFault } from "#pkg/fault";
import { gatherVector, type Vector } from "#pkg/rowset";
import {
  formulaReferences,
  variableOf,
  type CalculatedField,
  type PythonProcessor,
} from "#pkg/script";
import { pagesOf } from "../pages.ts";
import type { Processor, ProcessorRequest, Records, RowFailure, SourceBlock } from "../port.ts";
import { decodeResult, type ResultColumn } from "./decode-result.ts";
import { codeFault, exceptionFault, resultFault, type PythonError } from "./faults.ts";
import type { LoadedProgram, PythonHost } from "./python-host.ts";
import { encodePage, type InputVariable } from "./requests.ts";
import type { PythonSettings } from "./settings.ts";
import { waitFor } from "../wait-for.ts";

/** Pages that are on their way together hold about so many rows, so that neither side waits for the other. */
const ROWS_AHEAD = 8192;
const MOST_PAGES_AHEAD = 64;

/** Functions of Python files, row by row (spec/script.md 9.1). Memory: ROWS_AHEAD rows, or two pages when they are larger. */
export function pyCalc(
  request: ProcessorRequest,
  processor: PythonProcessor,
  host: PythonHost,
  settings: PythonSettings,
): Processor {
  const inputs = inputsOf(processor.fields);
  const ahead = Math.min(MOST_PAGES_AHEAD, Math.max(1, Math.floor(ROWS_AHEAD / request.pageRows)));
  return {
    sourceFields: inputs.map(({ field }) => field),
    async *process(blocks) {
      const loaded = await host.load(request.node, processor, inputs);
      const run = { request, processor, settings, inputs, loaded };
      const open: OpenPage[] = [];
      try {
        for await (const page of pagesOf(blocks, request.pageRows)) {
          open.push(send(run, page));
          if (open.length > ahead) yield await receive(run, open);
        }
        while (open.length > 0) yield await receive(run, open);
      } finally {
        // Answers that nobody waits for any more must not be taken for those of the next batch.
        if (loaded.child.pending > 0) await loaded.child[Symbol.asyncDispose]();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

interface Run {
  readonly request: ProcessorRequest;
  readonly processor: PythonProcessor;
  readonly settings: PythonSettings;
  readonly inputs: readonly InputVariable[];
  readonly loaded: LoadedProgram;
}

interface OpenPage {
  readonly page: SourceBlock;
  readonly answer: Promise<string>;
}

/** Source fields of all formulas, each once, in order of first use. */
function inputsOf(fields: readonly CalculatedField[]): readonly InputVariable[] {
  const names = fields.flatMap(({ expression }) =>
    formulaReferences(expression).flatMap(({ prefix, name }) => (prefix === "r" ? [name] : [])),
  );
  return [...new Set(names)].map((field) => ({ field, variable: variableOf("r", field) }));
}

function send({ settings, inputs, loaded }: Run, page: SourceBlock): OpenPage {
  const { child, program } = loaded;
  const line = encodePage(program, page.rowset, inputs, settings.processorLimitS);
  const answer = child.ask(line, settings.timeLimitMs);
  // Whoever waits for it gets the failure; until then it is no unhandled one.
  answer.catch(() => undefined);
  return { page, answer };
}

interface PageAnswer {
  readonly columns?: readonly ResultColumn[];
  readonly failures?: readonly (PythonError & { readonly row: number; readonly field: number })[];
  readonly error?: PythonError;
}

async function receive(run: Run, open: OpenPage[]): Promise<Records> {
  const { page, answer } = open.shift() as OpenPage;
  const { node } = run.request;
  try {
    const line = await waitFor(answer, run.request.checkpoint);
    return recordsOf(run, page, JSON.parse(line) as PageAnswer);
  } catch (error) {
    const fault = onlyFault(error);
    if (fault.code !== "PYTHON_TIMEOUT" && fault.code !== "PYTHON_DIED") throw fault;
    throw withPlace(fault, node, page);
  }
}

/** Which rows Python was at when it had to be ended, or ended. */
function withPlace(fault: Fault, node: string, { from, rowset }: SourceBlock): Fault {
  const rows = `rows ${from + 1} to ${from + rowset.rows} of the source table`;
  return new Fault(fault.code, `node ${node}, ${rows}: ${fault.message}`, {
    cause: fault,
    hint: fault.hint,
    retryable: fault.retryable,
    facts: { ...fault.facts, node, tableRow: from, rows: rowset.rows },
  });
}

function recordsOf(run: Run, page: SourceBlock, answer: PageAnswer): Records {
  const { request, processor } = run;
  if (answer.error !== undefined) throw codeFault(request.node, answer.error);
  const failures = new Map<number, RowFailure>();
  for (const failed of answer.failures ?? []) {
    const { name, expression } = processor.fields[failed.field] as CalculatedField;
    const { row, field: _, ...error } = failed;
    failures.set(row, { row, field: name, expression, fault: exceptionFault(expression, error) });
  }
  const answered = rowsWithout(page.rowset.rows, failures);
  const vectors = (answer.columns ?? []).map((column, at) => {
    const { name, type, expression } = processor.fields[at] as CalculatedField;
    const { vector, bad } = decodeResult(type, column);
    for (const { at: position, message } of bad) {
      const row = answered?.[position] ?? position;
      const fault = resultFault(expression, message);
      if (!failures.has(row)) failures.set(row, { row, field: name, expression, fault });
    }
    return vector;
  });
  return withoutFailed(run, page, { vectors, answered, failures });
}

interface Decoded {
  readonly vectors: readonly Vector[];
  /** Row of each value; undefined: all rows. */
  readonly answered: Int32Array | undefined;
  readonly failures: ReadonlyMap<number, RowFailure>;
}

function withoutFailed({ processor }: Run, block: SourceBlock, decoded: Decoded): Records {
  const { vectors, answered, failures } = decoded;
  const rows = rowsWithout(block.rowset.rows, failures);
  const count = rows?.length ?? block.rowset.rows;
  const positions =
    count === (answered?.length ?? block.rowset.rows) ? undefined : positionsOf(rows, answered);
  const fields = new Map(
    processor.fields.map(({ name }, at) => {
      const vector = vectors[at] as Vector;
      return [name, positions === undefined ? vector : gatherVector(vector, positions)] as const;
    }),
  );
  const inOrder = [...failures.values()].toSorted((a, b) => a.row - b.row);
  return { block, rows, count, fields, failures: inOrder };
}

function rowsWithout(
  rows: number,
  failures: ReadonlyMap<number, RowFailure>,
): Int32Array | undefined {
  if (failures.size === 0) return undefined;
  return Int32Array.from({ length: rows }, (_, row) => row).filter((row) => !failures.has(row));
}

/** Where among the answered rows the wanted ones are; both ascend. */
function positionsOf(wanted: Int32Array | undefined, answered: Int32Array | undefined): Int32Array {
  const positions = new Map(Array.from(answered ?? [], (row, at) => [row, at]));
  return (wanted ?? new Int32Array(0)).map((row) =>
    answered === undefined ? row : (positions.get(row) as number),
  );
}
