export { schemeOf, shownUrl } from "./address.ts";
export { errnoOf, isMissing, reasonOf } from "./errno.ts";
export { isPattern } from "./glob.ts";
export { makeFolder } from "./make-folder.ts";
export { openFiles } from "./open-files.ts";
export type { FileFacts, Files, OpenFile, OutputFile, TemporaryFile } from "./port.ts";
export {
  DEFAULT_LIMITS,
  NO_SETTINGS,
  type S3Settings,
  type TransferLimits,
  type TransferSettings,
} from "./settings.ts";
