import { isFault } from "#pkg/fault";
import type { PythonProcessor } from "#pkg/script";
import { encodeLoad, type InputVariable } from "./requests.ts";
import { limitFault, missingFault, codeFault, type PythonError } from "./faults.ts";
import { startChild, type PythonChild, type Ready } from "./python-child.ts";
import type { PythonSettings } from "./settings.ts";

/** The Python of one engine thread: one child for all nodes and batches, started again after it has ended. */
export interface PythonHost extends AsyncDisposable {
  /** The interpreter as it should be started from now on, without detours. Throws PYTHON_MISSING or PYTHON_LIMIT. */
  check(): Promise<PythonSettings>;
  /** A child that knows the code and the formulas of a node. Throws PYTHON_CODE too. */
  load(
    node: string,
    processor: PythonProcessor,
    inputs: readonly InputVariable[],
  ): Promise<LoadedProgram>;
}

export interface LoadedProgram {
  readonly child: PythonChild;
  /** Number of the program in that child. */
  readonly program: number;
}

/** Starting and compiling; code is run by the pages, which have the time limit of the settings. */
const START_MS = 60_000;
/** Programs a child keeps; nodes of more scripts than that are compiled again. */
const KEPT_PROGRAMS = 16;
const LEAST_VERSION = [3, 6] as const;

interface Running {
  readonly child: PythonChild;
  readonly programs: Map<PythonProcessor, number>;
}

/** The settings with the real path of the interpreter. Throws PYTHON_MISSING or PYTHON_LIMIT. */
export async function checkPython(settings: PythonSettings): Promise<PythonSettings> {
  await using host = openPythonHost(settings);
  return await host.check();
}

export function openPythonHost(given: PythonSettings): PythonHost {
  let settings = given;
  let running: Promise<Running> | undefined;
  let numbers = 0;

  const start = async (): Promise<Running> => {
    const child = startChild(settings);
    try {
      const { executable } = await greet(child, settings);
      settings = { ...settings, interpreter: executable };
      return { child, programs: new Map() };
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  };
  const current = async (): Promise<Running> => {
    const found = await running?.catch(() => undefined);
    if (found?.child.isAlive === true) return found;
    running = start();
    return running;
  };
  return {
    async check() {
      await current();
      return settings;
    },
    async load(node, processor, inputs) {
      const { child, programs } = await current();
      const known = programs.get(processor);
      if (known !== undefined) return { child, program: known };
      const program = numbers++;
      const answer = await child.ask(encodeLoad(program, processor, inputs), START_MS);
      const { error } = JSON.parse(answer) as { readonly error?: PythonError };
      if (error !== undefined) throw codeFault(node, error);
      programs.set(processor, program);
      await forgetOldest(child, programs);
      return { child, program };
    },
    async [Symbol.asyncDispose]() {
      const found = await running?.catch(() => undefined);
      await found?.child[Symbol.asyncDispose]();
    },
  };
}

async function forgetOldest(
  child: PythonChild,
  programs: Map<PythonProcessor, number>,
): Promise<void> {
  const [oldest] = programs;
  if (programs.size <= KEPT_PROGRAMS || oldest === undefined) return;
  programs.delete(oldest[0]);
  await child.ask(JSON.stringify({ forget: oldest[1] }), START_MS);
}

const MEGABYTE = 2 ** 20;

async function greet(child: PythonChild, settings: PythonSettings): Promise<Ready> {
  const { interpreter, memoryLimitMb, processorLimitS } = settings;
  const limits = { memory: memoryLimitMb * MEGABYTE, processorTime: processorLimitS };
  const answer = await child
    .ask(JSON.stringify({ start: limits }), START_MS)
    .catch((error: unknown) => {
      // Whatever ends here is no interpreter, or one that cannot run.
      if (isFault(error) && error.code !== "PYTHON_MISSING")
        throw missingFault(interpreter, error, `: ${error.message}`);
      throw error;
    });
  const ready = readReady(answer);
  if (ready === undefined)
    throw missingFault(interpreter, undefined, ": it does not answer as Python does");
  const [major = 0, minor = 0] = ready.version.split(".").map(Number);
  if (major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]))
    throw missingFault(interpreter, undefined, `: it is Python ${ready.version}`);
  if (ready.refused.length > 0) throw limitFault(ready.refused);
  return ready;
}

function readReady(answer: string): Ready | undefined {
  try {
    return (JSON.parse(answer) as { readonly ready?: Ready }).ready;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
