import { test } from "vitest";
import {
  startCassandra,
  type CassandraAddress,
  type CassandraOptions,
  type TestCassandra,
} from "../../scripts/services/cassandra.ts";
import {
  startRabbit,
  type RabbitAddress,
  type RabbitOptions,
  type TestRabbit,
} from "../../scripts/services/rabbit.ts";

/** What `npm run services` prints; `npm test` hands it over in CAPI_TEST_SERVICES. */
interface Services {
  readonly cassandra?: CassandraAddress;
  readonly rabbit?: RabbitAddress;
}

const services = JSON.parse(process.env["CAPI_TEST_SERVICES"] ?? "{}") as Services;

/** Undefined where the service does not run. */
export const serviceAddress = <Name extends keyof Services>(name: Name): Services[Name] =>
  services[name];

/**
 * Calls `tests` with the address of a running service. Without it the tests are skipped with a printed reason on a
 * developer's machine, and fail in CI.
 */
export function withService<Name extends keyof Services>(
  name: Name,
  tests: (address: NonNullable<Services[Name]>) => void,
): void {
  const address = services[name];
  if (address !== undefined) return tests(address);
  const reason = `no ${name} in CAPI_TEST_SERVICES: npm run services prints its value`;
  if (process.env["CI"] === "true")
    test(`${name} is running`, () => {
      throw new Error(reason);
    });
  else {
    console.log(`skipped: ${reason}`);
    test.skip(`${name} is running`, () => undefined);
  }
}

/** A cluster of the caller's own, of the series that the others are tested on. */
export const ownCassandra = (options: CassandraOptions = {}): Promise<TestCassandra> =>
  startCassandra({
    ...(services.cassandra === undefined ? {} : { series: services.cassandra.series }),
    ...options,
  });

/** A broker of the caller's own, of the series that the others are tested on. */
export const ownRabbit = (options: RabbitOptions = {}): Promise<TestRabbit> =>
  startRabbit({
    ...(services.rabbit === undefined ? {} : { series: services.rabbit.series }),
    ...options,
  });

/** What installations in that cluster make their keyspaces with: every node has everything. */
export const replicationOf = ({ contactPoints, localDataCenter }: CassandraAddress): string =>
  `{ 'class': 'NetworkTopologyStrategy', '${localDataCenter}': ${contactPoints.length} }`;

/**
 * For tests that break a service and so need one of their own: makes it and hands it to the test, which disposes it. Where it
 * cannot be started the test is skipped with a printed reason on a developer's machine, and fails in CI.
 */
export function testWithOwn<Service extends AsyncDisposable>(
  title: string,
  start: () => Promise<Service>,
  body: (service: Service) => Promise<void>,
): void {
  test(title, { timeout: 300_000 }, async (context) => {
    const service = await start().catch((error: unknown) => {
      if (process.env["CI"] === "true") throw error;
      console.log(`skipped: ${String(error)}`);
      context.skip();
    });
    if (service === undefined) return;
    await using own = service;
    await body(own);
  });
}
