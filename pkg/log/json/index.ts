export { openJsonLines, type LogLevel } from "./json-lines.ts";
