export { openProcessors } from "./open-processors.ts";
export type {
  Processor,
  ProcessorRequest,
  Processors,
  Records,
  RowFailure,
  SourceBlock,
} from "./port.ts";
