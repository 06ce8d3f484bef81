import { Fault } from "#pkg/fault";
import type { NodeProcessor } from "#pkg/script";
import type { ProcessorRequest, Processors } from "./port.ts";

/** The processors under an access policy: `code` says whether a run may execute code of its own (design 15). */
export const guardProcessors = (processors: Processors, code: boolean): Processors => ({
  open: (request) =>
    code || request.processor.type === "tag_and_denormalize"
      ? processors.open(request)
      : Promise.reject(codeForbidden(request)),
  [Symbol.asyncDispose]: () => processors[Symbol.asyncDispose](),
});

const whatOf = (processor: NodeProcessor): string =>
  processor.type === "module" ? `the processor module ${processor.name}` : "Python code";

const codeForbidden = ({ node, processor }: ProcessorRequest): Fault =>
  new Fault("ACCESS_DENIED", `node ${node}: this run may not execute ${whatOf(processor)}`, {
    facts: { node, processor: processor.type },
    hint: "The access policy of the run forbids code; somebody who may run code has to start it.",
  });
