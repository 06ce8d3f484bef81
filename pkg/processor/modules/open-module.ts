import { isFault, type Fault } from "#pkg/fault";
import { columnOf, sliceRowset } from "#pkg/rowset";
import type { ModuleProcessor } from "#pkg/script";
import type { Page } from "../module-api.ts";
import { pagesOf } from "../pages.ts";
import type { Processor, ProcessorRequest, Records, RowFailure, SourceBlock } from "../port.ts";
import { waitFor } from "../wait-for.ts";
import { absentFault, changedFault, pageFault, thrownFault } from "./faults.ts";
import { loadModule, type LoadedModule } from "./load-module.ts";
import type { ModulePaths } from "./module-paths.ts";
import { moduleRecords, noRecords } from "./module-records.ts";
import { pageValues } from "./page-values.ts";

interface Run {
  readonly request: ProcessorRequest;
  readonly processor: ModuleProcessor;
  readonly loaded: LoadedModule;
  /** How failures name the work. */
  readonly expression: string;
}

/** The module of a node, the very one the run was started with. Throws PROCESSOR_MODULE or PROCESSOR_CHANGED. */
export async function openModule(
  request: ProcessorRequest,
  processor: ModuleProcessor,
  paths: ModulePaths,
): Promise<Processor> {
  const { name, sourceFields } = processor;
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
  if (path === undefined) throw absentFault(request.node, name);
  const loaded = await loadModule(name, path);
  if (loaded.sha256 !== processor.sha256) throw changedFault(request.node, processor, loaded);
  const expression = `${name}(${sourceFields.map((field) => `r.${field}`).join(", ")})`;
  const run = { request, processor, loaded, expression };
  return {
    sourceFields,
    async *process(blocks) {
      for await (const page of pagesOf(blocks, request.pageRows)) {
        request.checkpoint();
        yield* processed(run, page);
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* processed(run: Run, page: SourceBlock): AsyncGenerator<Records> {
  const answer = await answerOf(run, page);
  if (!isFault(answer)) yield recordsOf(run, page, answer);
  else if (run.request.rejects) yield* rowByRow(run, page, answer);
  else yield await firstFailure(run, page, answer);
}

function recordsOf(run: Run, page: SourceBlock, answer: unknown): Records {
  try {
    return moduleRecords(page, answer, { ...run.processor, expression: run.expression });
  } catch (error) {
    if (isFault(error) && error.code === "PROCESSOR_RESULT")
      throw pageFault(run.request.node, page, error);
    throw error;
  }
}

/** What the module returned, or the fault it threw. */
async function answerOf({ request, processor, loaded }: Run, block: SourceBlock): Promise<unknown> {
  const { rows } = block.rowset;
  const columns = Object.fromEntries(
    processor.sourceFields.map((name) => [name, pageValues(columnOf(block.rowset, name), rows)]),
  );
  const page: Page = { rows, columns };
  // Each call has settings of its own, so that a module cannot change those of the next page.
  const work = async (): Promise<unknown> =>
    loaded.module.process(page, structuredClone(processor.settings));
  const answer = work().catch((error: unknown) => thrownFault(loaded, error));
  return waitFor(answer, request.checkpoint);
}

const rowOf = ({ from, rowset }: SourceBlock, row: number): SourceBlock => ({
  from: from + row,
  rowset: sliceRowset(rowset, row, row + 1),
});

/** The first row for which the module throws also when it is alone; without one, the page is to blame. */
async function firstFailure(run: Run, page: SourceBlock, whole: Fault): Promise<Records> {
  for (let row = 0; row < page.rowset.rows; row += 1) {
    const fault = await answerOf(run, rowOf(page, row));
    if (isFault(fault)) return { ...noRecords(page), failures: [failureOf(run, row, fault)] };
  }
  throw pageFault(run.request.node, page, whole);
}

/** Every row of a page for which the module throws, alone; the page is to blame when it throws for none of them. */
async function* rowByRow(run: Run, page: SourceBlock, whole: Fault): AsyncGenerator<Records> {
  let failed = 0;
  for (let row = 0; row < page.rowset.rows; row += 1) {
    run.request.checkpoint();
    const alone = rowOf(page, row);
    const answer = await answerOf(run, alone);
    if (isFault(answer)) {
      failed += 1;
      yield { ...noRecords(alone), failures: [failureOf(run, 0, answer)] };
    } else yield recordsOf(run, alone, answer);
  }
  if (failed === 0) throw pageFault(run.request.node, page, whole);
}

function failureOf({ processor, expression }: Run, row: number, fault: Fault): RowFailure {
  const field = processor.outputs.map(({ name }) => name).join(", ");
  return { row, field, expression, fault };
}
