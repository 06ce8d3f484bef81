export { openEmbeddedQueue } from "./embedded-queue.ts";
