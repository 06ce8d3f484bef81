import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Child, has, succeeds, untilReady } from "./child.ts";
import { debianRoot, here, inside, type Place } from "./debian-root.ts";
import { accepts, freePort } from "./free-port.ts";

const run = promisify(execFile);
const HOST = "127.0.0.1";
/** The script behind the packaged wrapper, which would change the user and the folder. */
const SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl";

/** 3 is 3.10 of Debian 12, 4 is 4.0 of Debian 13. */
export type RabbitSeries = 3 | 4;

export interface RabbitAddress {
  readonly url: string;
  readonly series: RabbitSeries;
}

export interface RabbitOptions {
  readonly series?: RabbitSeries;
  /** Speaks TLS only; files in PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A broker of this process alone; disposing it stops it and deletes its folder. */
export interface TestRabbit extends AsyncDisposable {
  readonly address: RabbitAddress;
  pid(): number;
  freeze(): void;
  thaw(): void;
  /** Runs a command of rabbitmqctl. */
  control(...words: readonly string[]): Promise<void>;
  /** Makes it believe that it is short of memory, so that it takes no messages, or that it no longer is. */
  alarm(isShort: boolean): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port; `empty` without anything it knew before. */
  start(options?: { readonly empty?: boolean }): Promise<void>;
}

/** Installs the package when it is missing and the user may. */
function install(): void {
  if (existsSync(SERVER)) return;
  const isRoot = process.getuid?.() === 0;
  const ready =
    isRoot &&
    has("apt-get") &&
    succeeds("apt-get", ["update", "-q"], "/") &&
    succeeds("apt-get", ["install", "-y", "-q", "--no-install-recommends", "rabbitmq-server"], "/");
  if (!ready || !existsSync(SERVER))
    throw new Error("RabbitMQ is missing: install the Debian package rabbitmq-server");
}

/** Where the programs of that series are run, once they are installed; they see the folders given. */
function placeOf(series: RabbitSeries): (folders: readonly string[]) => Place {
  if (series === 4) {
    const root = debianRoot("trixie", "rabbitmq-server");
    return (folders) => inside(root, folders);
  }
  install();
  return () => here;
}

/** Ready when this resolves. */
export async function startRabbit({ tls, series = 3 }: RabbitOptions = {}): Promise<TestRabbit> {
  const placed = placeOf(series);
  const folder = mkdtempSync(join(tmpdir(), "capillaries-rabbit-"));
  const place = placed(tls === undefined ? [folder] : [folder, dirname(tls.certificate)]);
  const port = await freePort(HOST);
  const env = await environment(folder, port, { series, ...(tls && { tls }) });
  const names = new Child({
    ...place("epmd", ["-address", HOST, "-port", env["ERL_EPMD_PORT"] as string]),
    cwd: folder,
    log: join(folder, "epmd.log"),
  });
  let broker: Child | undefined;
  const start = async ({ empty = false } = {}): Promise<void> => {
    if (empty) rmSync(join(folder, "mnesia"), { recursive: true, force: true });
    const log = join(folder, "output.log");
    broker = new Child({ ...place(SERVER, []), cwd: folder, env, log });
    await untilReady(broker, "RabbitMQ", () => accepts(HOST, port));
  };
  const control = async (...words: readonly string[]): Promise<void> => {
    const { command, args } = place(CONTROL, words);
    await run(command, [...args], { cwd: folder, env: { ...process.env, ...env } });
  };
  const dispose = async (): Promise<void> => {
    await broker?.stop();
    await names.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(names, "epmd", () => accepts(HOST, Number(env["ERL_EPMD_PORT"])));
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    address: {
      url: `${tls === undefined ? "amqp" : "amqps"}://guest:guest@${HOST}:${port}`,
      series,
    },
    pid: () => broker?.pid ?? 0,
    freeze: () => broker?.signal("SIGSTOP"),
    thaw: () => broker?.signal("SIGCONT"),
    control,
    alarm: (isShort) => control("set_vm_memory_high_watermark", isShort ? "0" : "0.6"),
    kill: async () => broker?.kill(),
    start,
    [Symbol.asyncDispose]: dispose,
  };
}

const tlsLines = (
  port: number,
  { certificate, key }: NonNullable<RabbitOptions["tls"]>,
): readonly string[] => [
  "listeners.tcp = none",
  `listeners.ssl.1 = ${HOST}:${port}`,
  `ssl_options.cacertfile = ${certificate}`,
  `ssl_options.certfile = ${certificate}`,
  `ssl_options.keyfile = ${key}`,
  "ssl_options.verify = verify_none",
];

/** What RabbitMQ 4 still permits and a later one will not: nothing of ours may need it. */
const DEPRECATED = [
  "global_qos",
  "transient_nonexcl_queues",
  "management_metrics_collection",
  "classic_queue_mirroring",
  "ram_node_type",
].map((feature) => `deprecated_features.permit.${feature} = false`);

async function environment(
  folder: string,
  port: number,
  { tls, series }: RabbitOptions,
): Promise<NodeJS.ProcessEnv> {
  mkdirSync(join(folder, "mnesia"));
  const config = join(folder, "rabbitmq.conf");
  const lines = [
    ...(tls === undefined ? [`listeners.tcp.1 = ${HOST}:${port}`] : tlsLines(port, tls)),
    "disk_free_limit.absolute = 100MB",
    "log.file.level = warning",
    ...(series === 4 ? DEPRECATED : []),
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "enabled_plugins"), "[].\n");
  return {
    HOME: folder,
    ERL_EPMD_PORT: String(await freePort(HOST)),
    RABBITMQ_NODENAME: "test@localhost",
    // The script would listen there without TLS.
    ...(tls === undefined ? { RABBITMQ_NODE_PORT: String(port) } : {}),
    RABBITMQ_DIST_PORT: String(await freePort(HOST)),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: join(folder, "pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
    // The script becomes the broker instead of waiting for it, so its process id is the broker's.
    RUNNING_UNDER_SYSTEMD: "true",
  };
}
