import type { FaultCode } from "#pkg/fault";

/** Exit codes of every command (design 11). */
export const EXIT = {
  success: 0,
  nodeFailed: 1,
  misuse: 2,
  waiting: 3,
  stopped: 4,
  unavailable: 5,
} as const;

const MISUSE: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "USAGE",
  "CONFIG_INVALID",
  "PROCESSOR_MODULE",
  "SCRIPT_INVALID",
  "SCRIPT_UNREADABLE",
  "PARAMETERS_INVALID",
  "NOT_AVAILABLE",
  "START_NODES",
  "KEYSPACE_NAME",
  "KEYSPACE_MISSING",
  "RUN_MISSING",
  "NODE_MISSING",
  "CORRECTION_MISSING",
  "CORRECTION_INVALID",
  "RUN_CONFLICT",
  "RUN_FINISHED",
  "RUN_UNFINISHED",
  "RETRY_REFUSED",
  "TABLE_MISSING",
]);

const UNAVAILABLE: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "STORE_UNAVAILABLE",
  "CLUSTER_UNAVAILABLE",
  "CLUSTER_REFUSED",
  "STORE_VERSION",
  "STORE_DAMAGED",
  "QUEUE_UNAVAILABLE",
  "QUEUE_REFUSED",
  "KEYSPACE_DROPPING",
  "DISK_FULL",
  "LEASE_LOST",
  "PYTHON_MISSING",
  "PYTHON_LIMIT",
]);

/** The exit code for a command that ended with this fault. */
export function exitCodeOf(code: FaultCode): number {
  if (MISUSE.has(code)) return EXIT.misuse;
  if (UNAVAILABLE.has(code)) return EXIT.unavailable;
  return EXIT.nodeFailed;
}
