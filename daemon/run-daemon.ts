import { dirname, resolve } from "node:path";
import { daemonSettings, readSettings, transferSettings, type DaemonSettings } from "#pkg/config";
import { asFault, Fault, type FaultCode } from "#pkg/fault";
import type { Log } from "#pkg/log";
import { openJsonLines } from "#pkg/log/json";
import {
  checkPython,
  moduleCatalogue,
  modulePaths,
  pythonSettings,
  type ProcessorSettings,
} from "#pkg/processor";
import { openRabbitQueue, type RabbitQueue } from "#pkg/queue/rabbit";
import { makeFolder, openFiles } from "#pkg/transfer";
import {
  clusterStores,
  defaultThreads,
  openPool,
  openStores,
  openWorkingControl,
  serve,
  threadMemory,
  type EngineThreads,
  type PoolSettings,
  type Serving,
  type StoreSettings,
  type WorkingControl,
} from "#pkg/worker";
import { accessPolicy } from "./access.ts";
import type { Context } from "./context.ts";
import { healthOf } from "./health.ts";
import { serveHttp } from "./http.ts";
import { meteredConsume, meteredControl, meteredStore } from "./metered.ts";
import { createMetrics, watchSources, type Metrics } from "./metrics.ts";

const EXIT = { stopped: 0, misuse: 2, unavailable: 5 } as const;
const MISUSE: ReadonlySet<FaultCode> = new Set(["CONFIG_INVALID", "PROCESSOR_MODULE"]);

/** Serves until a signal asks it to end; resolves with the exit code, never throws. */
export async function runDaemon(context: Context): Promise<number> {
  try {
    const places = {
      folders: [context.programFolder, context.cwd],
      environment: context.env,
    };
    await serveInstallation(context, daemonSettings(await readSettings("capidaemon", places)));
    return EXIT.stopped;
  } catch (error) {
    const { code, message, hint } = asFault(error);
    context.err(`error ${code}: ${message}\n  → ${hint}\n`);
    return MISUSE.has(code) ? EXIT.misuse : EXIT.unavailable;
  }
}

async function openThreads(
  context: Context,
  settings: DaemonSettings,
  threads: number,
  places: Places,
): Promise<EngineThreads> {
  const memory = threadMemory(settings.memoryMb, threads);
  const given = await processorsOf(context, settings);
  return openPool({ ...places, threads, memory, processors: () => given });
}

/** Opened in this order, closed in the reverse one: units first, the store last. */
async function serveInstallation(context: Context, settings: DaemonSettings): Promise<void> {
  const log = openLog(settings);
  const worker = settings.name ?? `${context.host}:${settings.http?.port ?? context.pid}`;
  const metrics = createMetrics(worker);
  const stopping = listenForStop(context, log);
  const places = await placesOf(context, settings);
  await using stores = await openStores(places.store);
  await using broker = await brokerOf(context, settings, log);
  const counted = meteredStore(stores.store, metrics);
  const ports = {
    store: counted,
    tables: stores.tables,
    files: openFiles(places.policy, places.transfer),
    ...(broker === undefined ? {} : { queue: broker }),
  };
  await using working = await openWorkingControl(ports, context, { ...settings, log });
  const threadCount = settings.threads ?? defaultThreads(context.cores, settings.memoryMb);
  await using threads = await openThreads(context, settings, threadCount, places);
  const serving = serve(
    {
      store: counted,
      control: meteredControl(working.control, metrics, context.monotonic),
      threads,
      ...(broker === undefined ? {} : { queue: meteredConsume(broker, metrics) }),
      log,
      monotonic: context.monotonic,
      random: context.random,
      removeDeadSessions: () => working.removeDeadSessions(),
      settings: { graceMs: settings.graceSeconds * 1000 },
    },
    stopping.signal,
  );
  stopping.served();
  const parts: Parts = { metrics, serving, working, broker, threads: threadCount };
  const http = await offer(settings, parts, stopping.signal).catch(async (error: unknown) => {
    stopping.stop();
    await serving.ended;
    throw error;
  });
  log.info("worker serves", { worker, threads: threadCount, session: working.session });
  await serving.ended;
  await http?.[Symbol.asyncDispose]();
  log.info("worker ended", { worker });
  stopping.close();
}

/** Settings that have no effect are told at once. */
function openLog({ logLevel, notes }: DaemonSettings): Log {
  const log = openJsonLines(logLevel);
  for (const note of notes) log.info("setting without effect", { note });
  return log;
}

interface Parts {
  readonly metrics: Metrics;
  readonly serving: Serving;
  readonly working: WorkingControl;
  readonly broker: RabbitQueue | undefined;
  readonly threads: number;
}

/** Metrics and health, when the settings name a port. */
async function offer(
  { http }: DaemonSettings,
  { metrics, serving, working, broker, threads }: Parts,
  stopping: AbortSignal,
): Promise<AsyncDisposable | undefined> {
  if (http === undefined) return undefined;
  watchSources(metrics, {
    unitsActive: () => serving.active().length,
    threads,
    holdsLease: () => working.holdsLease(),
    brokerConnected: broker === undefined ? undefined : () => broker.trouble() === undefined,
    queueDepth: async () => (broker?.trouble() === undefined ? broker?.depth({}) : undefined),
  });
  const health = () =>
    healthOf({
      isStopping: stopping.aborted,
      holdsLease: working.holdsLease(),
      storeTrouble: serving.trouble(),
      brokerTrouble: broker?.trouble(),
    });
  const { registry } = metrics;
  return serveHttp(http, {
    metrics: () => registry.metrics(),
    metricsType: registry.contentType,
    health,
  });
}

type Places = Required<Pick<PoolSettings, "store" | "transfer" | "policy">>;

/** Where the installation is, and what runs may touch beside it. */
const placesOf = async (context: Context, settings: DaemonSettings): Promise<Places> => ({
  store: await storesOf(context, settings),
  transfer: transferSettings(context.env, settings),
  policy: await accessPolicy(settings.access, context.cwd),
});

/** A named database is the installation, otherwise a data folder, which is made when it is missing. */
async function storesOf(
  { cwd }: Context,
  { cassandra, data, file }: DaemonSettings,
): Promise<StoreSettings> {
  if (cassandra !== undefined) return clusterStores(cassandra);
  if (data === undefined) {
    const place = file ?? "capidaemon.json";
    const what = "set cassandra.hosts (CAPI_CASSANDRA_HOSTS) or data (CAPI_DATA)";
    throw new Fault("CONFIG_INVALID", `${place}: no installation is named; ${what}`);
  }
  const folder = resolve(cwd, data);
  await makeFolder(folder);
  return { kind: "embedded", folder };
}

async function brokerOf(
  { random }: Context,
  { broker }: DaemonSettings,
  log: Log,
): Promise<RabbitQueue | undefined> {
  if (broker === undefined) return undefined;
  const opened = await openRabbitQueue({ ...broker, mustConnect: false, random, log });
  const trouble = opened.trouble();
  if (trouble !== undefined)
    log.warn("the worker begins without its broker", { reason: trouble.message });
  return opened;
}

/** A worker whose settings name Python or modules does not begin without them, or where its limits are not kept. */
async function processorsOf(
  { env, cwd }: Context,
  { customProcessors, file }: DaemonSettings,
): Promise<ProcessorSettings> {
  const given = customProcessors["py_calc"];
  const python = pythonSettings(given, env);
  const folder = file === undefined ? cwd : dirname(file);
  const modules = modulePaths({ folder, modules: customProcessors }, { folder, modules: {} });
  // Only to see that they can be loaded; each thread loads them for itself.
  await moduleCatalogue(modules);
  return { python: given === undefined ? python : await checkPython(python), modules };
}

interface Stopping {
  readonly signal: AbortSignal;
  /** From now on there is work to end in order. */
  served(): void;
  stop(): void;
  close(): void;
}

/** The first signal ends the work in order, the second one the process; so does the first while services are still opened. */
function listenForStop(context: Context, log: Log): Stopping {
  const stopping = new AbortController();
  let isServing = false;
  const close = context.onStop((signal) => {
    if (stopping.signal.aborted || !isServing) return context.exitNow(EXIT.unavailable);
    log.info("worker is ending; a second signal ends it at once", { signal });
    stopping.abort();
  });
  const served = (): void => {
    isServing = true;
  };
  return { signal: stopping.signal, served, stop: () => stopping.abort(), close };
}
