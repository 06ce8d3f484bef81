export { openRabbitQueue, type RabbitOptions, type RabbitQueue } from "./rabbit-queue.ts";
export { tryBroker } from "./try-broker.ts";
