export { openJsonLines, type LogLevel } from "./json-lines.ts";
export { silentLog, type Log, type LogFields } from "./log.ts";
