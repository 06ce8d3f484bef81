import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What is asked at every scrape. */
export interface Sources {
  readonly unitsActive: () => number;
  readonly threads: number;
  readonly holdsLease: () => boolean;
  /** Undefined without a broker in the settings. */
  readonly brokerConnected: (() => boolean) | undefined;
  /** Messages waiting; undefined when it cannot be told now. */
  readonly queueDepth: () => Promise<number | undefined>;
}

const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];
const STORE_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2];

export interface Metrics {
  readonly registry: Registry;
  readonly messagesDone: Counter;
  readonly messagesAgain: Counter;
  readonly dependencies: {
    readonly go: Counter;
    readonly nogo: Counter;
    readonly wait: Counter;
  };
  readonly leaseRenewals: Counter;
  readonly leaseLost: Counter;
  readonly claims: Counter<"source" | "result">;
  readonly claimSeconds: Histogram;
  readonly unitEnds: Counter<"result">;
  readonly unitSeconds: Histogram<"phase">;
  readonly endSeconds: Histogram;
  readonly rows: Counter<"kind">;
  readonly storeFaults: Counter<"code">;
  readonly activeRuns: Gauge;
}

/**
 * The series of one worker. Names of the reference are kept where they mean the same; nothing has a run or keyspace as a label.
 * The label `worker` keeps workers apart also where several are scraped through one address (T-20).
 */
export function createMetrics(worker: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ worker });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> => new Counter({ name, help, registers, labelNames: [...labelNames] });
  const histogram = (name: string, help: string): Histogram =>
    new Histogram({ name, help, buckets: STORE_SECONDS, registers });
  return {
    registry,
    messagesDone: counter("capi_daemon_msg_ack_count", "messages acknowledged"),
    messagesAgain: counter("capi_daemon_msg_retry_count", "messages sent back"),
    dependencies: {
      go: counter("capi_daemon_node_dep_go_count", "nodes whose dependencies let them begin"),
      nogo: counter("capi_daemon_node_dep_nogo_count", "nodes skipped for their dependencies"),
      wait: counter("capi_daemon_node_dep_wait_count", "times a node was found waiting anew"),
    },
    leaseRenewals: counter("capi_daemon_lease_renewal_count", "renewals of the session"),
    leaseLost: counter("capi_daemon_lease_lost_count", "results not committed for a lost lease"),
    claims: counter("capi_daemon_claim_count", "claims of units", ["source", "result"]),
    claimSeconds: histogram(
      "capi_daemon_claim_duration",
      "seconds from the decision to claim to the answer",
    ),
    unitEnds: counter("capi_daemon_unit_end_count", "ends of attempts", ["result"]),
    unitSeconds: new Histogram({
      name: "capi_daemon_unit_duration",
      help: "seconds from claim to end of an attempt",
      labelNames: ["phase"],
      buckets: SECONDS,
      registers,
    }),
    endSeconds: histogram(
      "capi_daemon_commit_duration",
      "seconds of commit and of the steps that follow from it",
    ),
    rows: counter("capi_daemon_row_count", "rows of committed units", ["kind"]),
    storeFaults: counter("capi_daemon_store_fault_count", "calls that the store failed", ["code"]),
    activeRuns: new Gauge({
      name: "capi_daemon_active_runs",
      help: "running runs when this worker last looked",
      registers,
    }),
  };
}

/** Gauges that are read when they are asked for. */
export function watchSources({ registry }: Metrics, sources: Sources): void {
  const gauge = (
    name: string,
    help: string,
    read: () => number | undefined | Promise<number | undefined>,
  ): void => {
    const made = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = await read();
        if (value === undefined) made.reset();
        else made.set(value);
      },
    });
  };
  gauge("capi_daemon_units_active", "claimed units in this worker", sources.unitsActive);
  gauge("capi_daemon_threads", "engine threads of this worker", () => sources.threads);
  gauge("capi_daemon_lease_held", "1 while the session is renewed in time", () =>
    Number(sources.holdsLease()),
  );
  const { brokerConnected, queueDepth } = sources;
  if (brokerConnected === undefined) return;
  gauge("capi_daemon_broker_connected", "1 while the broker is connected", () =>
    Number(brokerConnected()),
  );
  gauge("capi_daemon_queue_depth", "messages waiting in the broker", queueDepth);
}
