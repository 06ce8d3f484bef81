import type { SessionRecord } from "#pkg/store";

/** What identifies processes of this machine; given by the program because only it may touch the system. */
export interface LocalSystem {
  /** Text of a file, undefined when it cannot be read. For /proc. */
  readonly readText: (path: string) => string | undefined;
  /** Whether a process of that id exists, whoever owns it; as `kill -0` tells. */
  readonly exists: (pid: number) => boolean;
  readonly host: string;
  /** When the machine was started as well as it can be told without /proc; the same text until the next start. */
  readonly bootFallback: string;
}

export interface LocalProcess {
  readonly identity: Pick<SessionRecord, "host" | "pid" | "processStart" | "bootId">;
  readonly isProcessAlive: (pid: number, processStart: string) => boolean;
}

/** On Linux a pid together with its start time; elsewhere the pid alone, and the counter decides when it was reused. */
export function localProcess(system: LocalSystem, pid: number): LocalProcess {
  const bootId = system.readText("/proc/sys/kernel/random/boot_id")?.trim() ?? system.bootFallback;
  return {
    identity: { host: system.host, pid, processStart: startOf(system, pid), bootId },
    isProcessAlive: (other, processStart) => {
      if (processStart === "") return system.exists(other);
      return startOf(system, other) === processStart;
    },
  };
}

const START_TIME = 22;

/** Field 22 of /proc/<pid>/stat; fields are counted after the command name, which may hold anything. A zombie has ended. */
function startOf(system: LocalSystem, pid: number): string {
  const stat = system.readText(`/proc/${pid}/stat`);
  if (stat === undefined) return "";
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[START_TIME - 3] ?? "");
}
