import { destination, pino, type Logger } from "pino";
import type { Log, LogFields } from "#pkg/log";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** JSON lines on stderr, written synchronously so that the last lines before a crash are there. */
export const openJsonLines = (level: LogLevel): Log =>
  wrap(pino({ level, base: null }, destination({ dest: 2, sync: true })));

const wrap = (logger: Logger): Log => ({
  debug: (message, fields = {}) => logger.debug(fields, message),
  info: (message, fields = {}) => logger.info(fields, message),
  warn: (message, fields = {}) => logger.warn(fields, message),
  error: (message, fields = {}) => logger.error(fields, message),
  with: (fields: LogFields) => wrap(logger.child(fields)),
});
