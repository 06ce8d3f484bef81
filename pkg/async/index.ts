export { forEachLimit } from "./for-each-limit.ts";
