export type { ConsumeOptions, Queue, QueueScope, Settlement, UnitMessage } from "./queue.ts";
