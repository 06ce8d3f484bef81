import { openProcessors, type Processors, type ProcessorSettings } from "#pkg/processor";

/** The processors of a thread: opened once, and anew only when other settings come (the interpreter was found). */
export function keepProcessors(): (settings: ProcessorSettings) => Processors {
  let kept: { readonly key: string; readonly processors: Processors } | undefined;
  return (settings) => {
    const key = JSON.stringify(settings);
    if (kept?.key === key) return kept.processors;
    void kept?.processors[Symbol.asyncDispose]();
    kept = { key, processors: openProcessors(settings) };
    return kept.processors;
  };
}
