export type { FileFacts, Files, OpenFile, OutputFile, TemporaryFile } from "./port.ts";
