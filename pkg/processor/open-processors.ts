import type { Processor, ProcessorRequest, Processors } from "./port.ts";
import { tagAndDenormalize } from "./tag-and-denormalize.ts";

/** The processors that this process can run. */
export const openProcessors = (): Processors => ({
  open: (request) => Promise.resolve(open(request)),
});

function open({ processor, source }: ProcessorRequest): Processor {
  return tagAndDenormalize(processor, source);
}
