export { closeAll } from "./close-all.ts";
export { forEachLimit } from "./for-each-limit.ts";
export { retry, type RetryOptions } from "./retry.ts";
