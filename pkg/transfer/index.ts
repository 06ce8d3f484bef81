export { openFiles } from "./open-files.ts";
export type { FileFacts, Files, OpenFile, OutputFile, TemporaryFile } from "./port.ts";
