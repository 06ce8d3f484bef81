import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auth, Client, policies } from "cassandra-driver";
import { cassandraJars, type CassandraSeries } from "./cassandra-jars.ts";
import {
  cassandraYaml,
  javaArguments,
  logbackXml,
  type CassandraNodeSettings,
} from "./cassandra-settings.ts";
import { Child, untilReady } from "./child.ts";
import { debianRoot, here, inside, type Place } from "./debian-root.ts";
import { accepts, freePort } from "./free-port.ts";

export interface CassandraAddress {
  readonly contactPoints: readonly string[];
  readonly port: number;
  readonly localDataCenter: string;
  readonly series: CassandraSeries;
}

export interface CassandraOptions {
  /** 1, or 3 for a ring on 127.0.0.2 to 127.0.0.4. */
  readonly nodes?: 1 | 3;
  readonly heapMb?: number;
  readonly series?: CassandraSeries;
  /** More lines of cassandra.yaml. */
  readonly yaml?: readonly string[];
  /** Folders of files that the yaml names. */
  readonly folders?: readonly string[];
  /** When the yaml asks for it. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** A cluster of this process alone; disposing it stops its nodes and deletes their folder. */
export interface TestCassandra extends AsyncDisposable {
  readonly address: CassandraAddress;
  readonly nodes: readonly TestNode[];
  /** Resolves when so many nodes are seen up. */
  untilUp(nodes: number): Promise<void>;
}

export interface TestNode {
  readonly address: string;
  pid(): number;
  /** Freezes and continues it: a node that neither answers nor closes its connections. */
  freeze(): void;
  thaw(): void;
  /** Ends it as a crash would; what was written stays. */
  kill(): Promise<void>;
  /** Starts it again with its data and waits until it answers. */
  start(): Promise<void>;
}

const ADDRESSES = { 1: ["127.0.0.1"], 3: ["127.0.0.2", "127.0.0.3", "127.0.0.4"] } as const;

/** Jars are fetched when missing. Ready when this resolves. */
export async function startCassandra(options: CassandraOptions = {}): Promise<TestCassandra> {
  const { nodes: count = 1, heapMb = count === 1 ? 768 : 384 } = options;
  const { yaml = [], folders = [], series = "5.0" } = options;
  const jars = cassandraJars(series);
  const placed = placeOf(series);
  const folder = mkdtempSync(join(tmpdir(), "capillaries-cassandra-"));
  const java = placed([folder, jars, ...folders]);
  const addresses = ADDRESSES[count];
  const port = await freePort(...addresses);
  const storagePort = await freePort(...addresses);
  const common = { port, storagePort, seed: addresses[0], heapMb, more: yaml };
  const nodes = addresses.map((address) =>
    openNode({ folder: join(folder, address), address, ...common }, jars, java),
  );
  const address: CassandraAddress = {
    contactPoints: addresses,
    port,
    localDataCenter: "datacenter1",
    series,
  };
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const untilUp = (wanted: number): Promise<void> => untilSeen(address, wanted, options);
  try {
    for (const node of nodes) await node.start();
    if (options.credentials === undefined || count > 1) await untilUp(count);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { address, nodes, untilUp, [Symbol.asyncDispose]: dispose };
}

/** Where Java is run that the series is made for: 5.0 on this machine's 17, 4.1 on 11. The place sees the folders given. */
function placeOf(series: CassandraSeries): (folders: readonly string[]) => Place {
  if (series === "5.0") return () => here;
  const root = debianRoot("bullseye", "openjdk-11-jre-headless");
  return (folders) => inside(root, folders);
}

function openNode(
  settings: CassandraNodeSettings,
  jars: string,
  java: Place,
): TestNode & { stop(): Promise<void> } {
  const { folder, address, port } = settings;
  const conf = join(folder, "conf");
  mkdirSync(conf, { recursive: true });
  writeFileSync(join(conf, "cassandra.yaml"), cassandraYaml(settings));
  writeFileSync(join(conf, "logback.xml"), logbackXml(folder));
  let child: Child | undefined;
  return {
    address,
    pid: () => child?.pid ?? 0,
    freeze: () => child?.signal("SIGSTOP"),
    thaw: () => child?.signal("SIGCONT"),
    kill: async () => child?.kill(),
    stop: async () => child?.stop(),
    async start() {
      const args = javaArguments(settings, jars);
      const log = join(folder, "output.log");
      child = new Child({ ...java("java", args), cwd: folder, log });
      await untilReady(child, `Cassandra on ${address}`, () => accepts(address, port));
    },
  };
}

/** The driver learns of nodes one by one, so a new client looks each time. */
async function untilSeen(
  { contactPoints, port, localDataCenter }: CassandraAddress,
  wanted: number,
  { credentials }: CassandraOptions,
): Promise<void> {
  const deadline = performance.now() + 180_000;
  for (;;) {
    const client = new Client({
      contactPoints: [...contactPoints],
      localDataCenter,
      protocolOptions: { port },
      policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(500) },
      ...(credentials
        ? {
            authProvider: new auth.PlainTextAuthProvider(
              credentials.username,
              credentials.password,
            ),
          }
        : {}),
    });
    const up = await client.connect().then(
      () => client.hosts.values().filter((host) => host.isUp()).length,
      () => 0,
    );
    await client.shutdown();
    if (up >= wanted) return;
    if (performance.now() > deadline) throw new Error(`only ${up} of ${wanted} nodes are up`);
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
}
