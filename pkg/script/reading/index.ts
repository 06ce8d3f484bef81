// Apart from the model, because reading brings the schema compiler and the YAML parser along, which engine threads never need.
export { completeScript, processorFiles } from "../complete-script.ts";
export { readScript, type NamedText, type ReadScript } from "../read-script.ts";
