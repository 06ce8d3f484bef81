// npm run services [-- cassandra rabbit ring]: starts the services that the integration tests and the benchmarks need, on free
// loopback ports in folders of their own, prints their addresses as one line of JSON, and stays until it is interrupted or
// its standard input ends; then it stops what it started and nothing else.
import { startCassandra } from "./services/cassandra.ts";
import { startRabbit } from "./services/rabbit.ts";

const starters = {
  cassandra: () => startCassandra(),
  ring: () => startCassandra({ nodes: 3 }),
  rabbit: () => startRabbit(),
} as const;
type Service = keyof typeof starters;

const isService = (name: string): name is Service => Object.hasOwn(starters, name);

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = wanted.filter((name) => !isService(name));
if (unknown.length > 0) {
  console.error(`unknown service ${unknown.join(", ")}: ${Object.keys(starters).join(", ")}`);
  process.exit(2);
}
const names = wanted.length > 0 ? wanted.filter(isService) : (["cassandra", "rabbit"] as const);

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => resolve());
  if (process.argv.includes("--until-stdin-ends")) process.stdin.once("end", resolve).resume();
});

const started: AsyncDisposable[] = [];
let code = 0;
try {
  const addresses: Partial<Record<Service, unknown>> = {};
  for (const name of names) {
    const service = await starters[name]();
    started.push(service);
    addresses[name] = service.address;
  }
  console.log(JSON.stringify(addresses));
  await interrupted;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  code = 5;
}
for (const service of started.toReversed()) await service[Symbol.asyncDispose]();
process.exit(code);
