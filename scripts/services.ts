// npm run services [-- cassandra|cassandra41|ring|ring41 rabbit|rabbit4]: starts the services that the integration tests and the
// benchmarks need, on free loopback ports in folders of their own, prints their addresses as one line of JSON, and stays until it
// is interrupted or its standard input ends; then it stops what it started and nothing else. Without names: cassandra rabbit.
import { startCassandra, type TestCassandra } from "./services/cassandra.ts";
import { startRabbit, type TestRabbit } from "./services/rabbit.ts";

const starters = {
  cassandra: { kind: "cassandra", start: () => startCassandra() },
  cassandra41: { kind: "cassandra", start: () => startCassandra({ series: "4.1" }) },
  ring: { kind: "cassandra", start: () => startCassandra({ nodes: 3 }) },
  ring41: { kind: "cassandra", start: () => startCassandra({ nodes: 3, series: "4.1" }) },
  rabbit: { kind: "rabbit", start: () => startRabbit() },
  rabbit4: { kind: "rabbit", start: () => startRabbit({ series: 4 }) },
} as const satisfies Record<
  string,
  { kind: string; start: () => Promise<TestCassandra | TestRabbit> }
>;
type Name = keyof typeof starters;

const isName = (name: string): name is Name => Object.hasOwn(starters, name);

function refuse(problem: string): never {
  console.error(`${problem}: ${Object.keys(starters).join(", ")}`);
  process.exit(2);
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = wanted.filter((name) => !isName(name));
if (unknown.length > 0) refuse(`unknown service ${unknown.join(", ")}`);
const names = wanted.length > 0 ? wanted.filter(isName) : (["cassandra", "rabbit"] as const);
const kinds = names.map((name) => starters[name].kind);
if (new Set(kinds).size < kinds.length) refuse("one database and one broker are started at a time");

const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => resolve());
  if (process.argv.includes("--until-stdin-ends")) process.stdin.once("end", resolve).resume();
});

const started: AsyncDisposable[] = [];
let code = 0;
try {
  const addresses: Record<string, unknown> = {};
  for (const name of names) {
    const { kind, start } = starters[name];
    const service = await start();
    started.push(service);
    addresses[kind] = service.address;
  }
  console.log(JSON.stringify(addresses));
  await interrupted;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  code = 5;
}
for (const service of started.toReversed()) await service[Symbol.asyncDispose]();
process.exit(code);
