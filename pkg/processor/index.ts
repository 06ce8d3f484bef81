export { guardProcessors } from "./guard.ts";
export { openProcessors, type ProcessorSettings } from "./open-processors.ts";
export { moduleCatalogue } from "./modules/catalogue.ts";
export { modulePaths, type ModulePaths } from "./modules/module-paths.ts";
export type {
  Processor,
  ProcessorRequest,
  Processors,
  Records,
  RowFailure,
  SourceBlock,
} from "./port.ts";
export { checkPython } from "./python/python-host.ts";
export { pythonSettings, type PythonConfig, type PythonSettings } from "./python/settings.ts";
