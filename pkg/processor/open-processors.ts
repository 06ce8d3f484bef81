import type { Processor, ProcessorRequest, Processors } from "./port.ts";
import type { ModulePaths } from "./modules/module-paths.ts";
import { openModule } from "./modules/open-module.ts";
import { pyCalc } from "./python/py-calc.ts";
import { openPythonHost, type PythonHost } from "./python/python-host.ts";
import type { PythonSettings } from "./python/settings.ts";
import { tagAndDenormalize } from "./tag-and-denormalize.ts";

/** How this process runs processors; plain data, so that engine threads can be given it. */
export interface ProcessorSettings {
  readonly python: PythonSettings;
  /** Module file of each processor that is not built in, by name; none when absent. */
  readonly modules?: ModulePaths;
}

/** The processors that one thread can run; what they start is ended with them. */
export function openProcessors(settings: ProcessorSettings): Processors {
  const python = openPythonHost(settings.python);
  return {
    open: async (request) => open(request, settings, python),
    [Symbol.asyncDispose]: () => python[Symbol.asyncDispose](),
  };
}

function open(
  request: ProcessorRequest,
  settings: ProcessorSettings,
  python: PythonHost,
): Processor | Promise<Processor> {
  const { processor, source } = request;
  if (processor.type === "module") return openModule(request, processor, settings.modules ?? {});
  return processor.type === "py_calc"
    ? pyCalc(request, processor, python, settings.python)
    : tagAndDenormalize(processor, source);
}
